"""Plugin: the learned part of the judge: a text as characters and as sounds, and what its short pieces weigh.

`model.bin` holds the weights; `plugins.ad_guard.training` makes it and `model.md` says from what and how good it is.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from bot.fold import put_together
from plugins.ad_guard.pieces import place_of, places, shortest_places, written
from plugins.ad_guard.sound import LATIN, is_spelled, sounds_of
from plugins.ad_guard.trade import trades

SPAN = 120
"""Characters weighed together: good words dilute an ad only within such a span."""
MOST_SPANS = 28
SHORTEST_ID = 6
TENFOLD = math.log(4)
"""A sum that is higher by this is some ten times as rare among ordinary messages: so the scale is made."""
MOST_TRIES = 6
"""Some 400 characters; whoever pads an ad with more gains nothing by it."""
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
_DROPPED = re.compile("[^0-9a-z+\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff\ue010-\ue016]+")
_NUMBER = re.compile("[0-9]+|[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两]{5,}")
SPELLED = "\ue015"
"""Stands where a word was written in pinyin."""
PRODUCT = "\ue016"
"""A short name of letters and digits: iphone6, win10, mh370. Accounts are longer."""
_MASKED = re.compile("x{3,}")
"""Digits that somebody made unreadable."""


def number_sign(length: int) -> str:
    """The sign that stands for a number of so many digits."""
    return chr(0xE020 + min(length, 16))


def characters_of(plain: str) -> str:
    """A plain view as the model reads it: numbers, ids and addresses are signs of their kind, nothing else is left."""
    if "xxx" in plain:
        plain = _MASKED.sub(lambda found: "8" * len(found[0]), plain)
    if _TOKEN_SIGN.search(plain):
        plain = _LIST.sub(" ", plain)
        plain = _TOKEN.sub(_token, plain)
    return _NUMBER.sub(_number, put_together(_DROPPED.sub("", plain)))


def _token(found: re.Match[str]) -> str:
    if found.lastgroup == "id" and (len(found[0]) < SHORTEST_ID or sum(c.isdigit() for c in found[0]) < 2):
        return PRODUCT
    return _TOKENS[found.lastgroup or ""]


def _number(found: re.Match[str]) -> str:
    digits = found[0]
    if len(digits) == 11 and digits[0] in "1一幺壹":
        return PHONE
    return number_sign(len(digits))


def streams(characters: str) -> tuple[str, str]:
    """How it is written and how it sounds; a word in pinyin is only heard."""
    return LATIN.sub(_legible, characters), sounds_of(characters)


def _legible(found: re.Match[str]) -> str:
    return SPELLED if is_spelled(found[0]) else found[0]


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
    """How a text is worded: what its pieces weigh (above 0 for an ad), the span that weighs most, of how many."""

    value: float
    span: str
    spans: int = 1


class Model:
    """Weights of pieces and of traits, and how their sum becomes a score. Made by `plugins.ad_guard.training`."""

    __slots__ = ("_bias", "_slope", "_step", "_traits", "_weights", "made")

    def __init__(self, data: bytes) -> None:
        """data: facts as JSON in the first line, then one byte for each place: its weight from -127 to 127."""
        head, _, weights = data.partition(b"\n")
        facts = json.loads(head)
        self.made: str = facts["made"]
        self._bias: float = facts["bias"]
        self._step: float = facts["step"]
        self._slope: float = facts["slope"]
        self._traits: dict[str, float] = facts["traits"]
        self._weights = memoryview(weights).cast("b")

    def words(self, characters: str, parts: int = 1) -> Words:
        """The span of a text that weighs most; parts: of so many like it."""
        if len(characters) <= SPAN:
            return Words(self._weigh(characters), characters, parts)
        spans = [(self._weigh(span), span) for span in windows(characters)]
        value, span = max(spans, key=lambda weighed: weighed[0])
        return Words(value, span, len(spans) * parts)

    def glance(self, characters: str) -> float:
        """What single characters and pairs come to: enough to tell which part of a long text to read."""
        return float(sum(map(self._weights.__getitem__, set(shortest_places(characters)))))

    def logit(self, words: Words, traits: Mapping[str, float]) -> float:
        """0 where one ordinary message in 1,250 lies above, 1.386 (a score of 0.8) where one in ten thousand.

        The highest of n spans has had n tries to lie above by chance; that is taken off again, up to `MOST_TRIES`.
        """
        logit = (words.value + self.of_traits(traits) - self._bias) * self._slope
        return logit - TENFOLD * math.log10(min(words.spans, MOST_TRIES))

    def of_traits(self, traits: Mapping[str, float]) -> float:
        """What traits come to together."""
        weights = self._traits
        return sum([weights.get(name, 0.0) * value for name, value in traits.items()])

    def strongest(self, words: Words) -> list[tuple[int, str]]:
        """The pieces of two and more signs that weigh most for an ad, strongest first, with their weights."""
        found = {piece: self._weights[place_of(piece)] for piece in written(*streams(words.span)) if len(piece) > 1}
        weighed = sorted(found.items(), key=lambda named: (-named[1], named[0]))
        return [(weight, piece) for piece, weight in weighed[:20] if weight > 0]

    def _weigh(self, characters: str) -> float:
        found = places(*streams(characters))
        total = sum(map(self._weights.__getitem__, found))
        return total * self._step / math.sqrt(len(found) + LEAST) + self.of_traits(trades(characters, found))


@lru_cache(maxsize=1)
def model() -> Model:
    """The shipped model, read once."""
    return Model(files("plugins.ad_guard").joinpath("model.bin").read_bytes())
