"""Plugin: the learned part of the judge: a text as characters and as sounds, and what its short pieces weigh.

`model.txt` holds the weights; `plugins.ad_guard.training` makes it and `model.md` says from what and how good it is.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from operator import add

from bot.fold import put_together

SPAN = 120
"""Characters weighed together: good words before and behind an ad do not dilute it."""
MOST_SPANS = 28
LEAST = 24
"""Added to the number of pieces, so that two characters alone never weigh much."""

ID, ADDRESS, DECIMAL, PHONE, MAIL = "\ue010", "\ue011", "\ue012", "\ue013", "\ue014"
_TOKEN = re.compile(
    r"(?P<mail>[a-z0-9._-]{2,40}@[a-z0-9-]{1,40}\.[a-z]{2,8})"
    r"|(?P<address>(?:https?:/?/?)?(?:[a-z0-9][a-z0-9-]{0,40}\.){1,5}[a-z]{2,8}(?![a-z0-9])(?:[/?][^\s\u3000-\u9fff，。；“”]*)?)"
    r"|(?P<decimal>(?<![\d.])\d{1,5}[.:]\d{1,2}(?![\d.]))"
    r"|(?P<id>(?<![a-z0-9_-])(?=[a-z_-]*\d)(?=[\d_-]*[a-z])[a-z0-9_-]{5,20}(?![a-z0-9_-]))"
)
_LIST = re.compile(r"(?:^|\s)\d{1,2}[.、)](?=\s?[^\d\s])")
"""The number before a line of a list: it says nothing."""
_TOKEN_SIGN = re.compile(r"[0-9.@]")
_TOKENS = {"mail": MAIL, "address": ADDRESS, "decimal": DECIMAL, "id": ID}
_DROPPED = re.compile("[^0-9a-z+\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff\ue010-\ue014]+")
_NUMBER = re.compile("[0-9]+|[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两]{5,}")
_LATIN = re.compile("[a-z]+")
_LATIN_OR_ONE = re.compile("[a-z]+|.")
_FIRST_SOUND = 0xE100


def number_sign(length: int) -> str:
    """The sign that stands for a number of so many digits."""
    return chr(0xE020 + min(length, 16))


def _load_sounds() -> tuple[dict[int, str], dict[str, str]]:
    """Character to sound, and syllable to sound. zh, ch, sh sound like z, c, s, and a final ng like n."""
    codes: dict[str, str] = {}
    characters: dict[int, str] = {}
    syllables: dict[str, str] = {}
    for line in files("plugins.ad_guard").joinpath("sounds.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        syllable, written = line.split()
        plain = re.sub("ng$", "n", re.sub("^([zcs])h", r"\1", syllable))
        code = codes.setdefault(plain, chr(_FIRST_SOUND + len(codes)))
        syllables[syllable] = code
        characters.update((ord(c), code) for c in written)
    return characters, syllables


_CHARACTERS, _SYLLABLES = _load_sounds()
_INITIALS = {
    "v": "wei", "vx": "wei xin", "wx": "wei xin", "wxin": "wei xin", "vxin": "wei xin", "weix": "wei xin",
    "wechat": "wei xin", "qq": "kou kou", "q": "kou", "jv": "jia wei", "jw": "jia wei", "jwx": "jia wei xin",
    "jvx": "jia wei xin", "dl": "dai li", "jz": "jian zhi", "rj": "ri jie", "hb": "hong bao", "yhq": "you hui quan",
    "wxh": "wei xin hao", "vxh": "wei xin hao", "dd": "di di", "sl": "si liao", "tg": "fei ji",
}  # fmt: skip


class _Sounds(dict[int, str]):
    """Only characters that have a sound are kept."""

    def __missing__(self, code: int) -> str:
        return ""


_SOUND = _Sounds(_CHARACTERS | {ord("+"): _SYLLABLES["jia"]} | {code: chr(code) for code in range(0xE100, 0xE400)})


@lru_cache(maxsize=8192)
def _spell(word: str) -> str:
    """The sounds of a word in Latin letters if all of it is pinyin or known initials."""
    if word in _INITIALS:
        return "".join(_SYLLABLES[syllable] for syllable in _INITIALS[word].split())
    best: list[str | None] = [""] + [None] * len(word)
    for end in range(2, len(word) + 1) if len(word) <= 40 else ():
        ways = [
            before + _SYLLABLES[word[start:end]]
            for start in range(max(0, end - 6), end)
            if (before := best[start]) is not None and word[start:end] in _SYLLABLES
        ]
        best[end] = min(ways, key=len, default=None)
    return best[-1] or ""


def characters_of(plain: str) -> str:
    """A plain view as the model reads it: numbers, ids and addresses are signs of their kind, nothing else is left."""
    if _TOKEN_SIGN.search(plain):
        plain = _LIST.sub(" ", plain)
        plain = _TOKEN.sub(lambda found: _TOKENS[found.lastgroup or ""], plain)
    return _NUMBER.sub(_number, put_together(_DROPPED.sub("", plain)))


def _number(found: re.Match[str]) -> str:
    digits = found[0]
    if len(digits) == 11 and digits[0] in "1一幺壹":
        return PHONE
    return number_sign(len(digits))


def sounds_of(characters: str) -> str:
    """How it sounds: homophones, pinyin and the usual initials come to the same."""
    return _LATIN.sub(lambda found: _spell(found[0]), characters).translate(_SOUND)


def sounds_at(tight: str) -> tuple[str, list[tuple[int, int]]]:
    """The sounds of a tight view, and from where to where in it each stands."""
    sounds: list[str] = []
    places: list[tuple[int, int]] = []
    for found in _LATIN_OR_ONE.finditer(tight):
        heard = sounds_of(found[0])
        sounds.append(heard)
        places += [found.span()] * len(heard)
    return "".join(sounds), places


def pieces(characters: str) -> set[str]:
    """One to four characters, two to three sounds."""
    found = set(characters)
    pairs = list(map(add, characters, characters[1:]))
    found.update(pairs, map(add, pairs, characters[2:]), map(add, pairs, pairs[2:]))
    sounds = sounds_of(characters)
    pairs = list(map(add, sounds, sounds[1:]))
    found.update(pairs, map(add, pairs, sounds[2:]))
    return found


def windows(characters: str) -> list[str]:
    """A long text in overlapping spans; of a very long one those at its head and its tail."""
    if len(characters) <= SPAN:
        return [characters]
    starts = list(range(0, len(characters) - SPAN // 2, SPAN // 2))
    if len(starts) > MOST_SPANS:
        starts = starts[: MOST_SPANS * 3 // 4] + starts[-MOST_SPANS // 4 :]
    return [characters[start : start + SPAN] for start in starts]


@dataclass(frozen=True, slots=True)
class Words:
    """How a text is worded: what its pieces weigh (above 0 for an ad) and the span that weighs most."""

    value: float
    span: str


class Model:
    """Weights of pieces and of traits, and how their sum becomes a score. Made by `plugins.ad_guard.training`."""

    __slots__ = ("_bias", "_pieces", "_slope", "_step", "_traits", "made")

    def __init__(self, text: str) -> None:
        head, *lines = text.splitlines()
        facts = json.loads(head)
        self.made: str = facts["made"]
        self._bias: float = facts["bias"]
        self._step: float = facts["step"]
        self._slope: float = facts["slope"]
        self._traits: dict[str, float] = facts["traits"]
        self._pieces: dict[str, int] = {}
        for line in lines:
            weight, _, written = line.partition("\t")
            self._pieces.update(dict.fromkeys(written.split(" "), int(weight)))

    def words(self, characters: str) -> Words:
        """The span of a text that weighs most."""
        spans = [(self._weigh(span), span) for span in windows(characters)]
        value, span = max(spans, key=lambda weighed: weighed[0])
        return Words(value, span)

    def logit(self, words: Words, traits: Mapping[str, float]) -> float:
        """0 where one ordinary message in a thousand lies above, 1.386 (a score of 0.8) where one in ten thousand."""
        weights = self._traits
        total = words.value + sum([weights.get(name, 0.0) * value for name, value in traits.items()])
        return (total - self._bias) * self._slope

    def strongest(self, words: Words) -> list[tuple[int, str]]:
        """The pieces of two and more signs that weigh most for an ad, strongest first, with their weights."""
        found = [(weight, piece) for piece in pieces(words.span) if (weight := self._pieces.get(piece, 0)) > 0]
        found.sort(key=lambda weighed: (-weighed[0], weighed[1]))
        return [weighed for weighed in found if len(weighed[1]) > 1][:20]

    def _weigh(self, characters: str) -> float:
        found = pieces(characters)
        total = sum(filter(None, map(self._pieces.get, found)))
        return total * self._step / math.sqrt(len(found) + LEAST)


@lru_cache(maxsize=1)
def model() -> Model:
    """The shipped model, read once."""
    return Model(files("plugins.ad_guard").joinpath("model.txt").read_text("utf-8"))
