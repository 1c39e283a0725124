"""Plugin: how a text sounds: characters, pinyin and the usual initials as one row of syllables without tones."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

LATIN = re.compile("[a-z]+")
_LATIN_OR_ONE = re.compile("[a-z]+|.", re.DOTALL)
_FIRST_SOUND = 0xE100


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
    "yhk": "yin hang ka", "xyk": "xin yong ka", "sfz": "shen fen zheng", "zfb": "zhi fu bao", "ssc": "shi shi cai",
    "kp": "kai piao", "fp": "fa piao", "dk": "dai kuan", "bc": "bo cai", "zy": "zi yuan", "wd": "wang dai",
}  # fmt: skip
_STRAYS = {"v": _SYLLABLES["wei"], "q": _SYLLABLES["kou"]}


class _Sounds(dict[int, str]):
    """Only characters that have a sound are kept."""

    def __missing__(self, code: int) -> str:
        return ""


_SOUND = _Sounds(_CHARACTERS | {ord("+"): _SYLLABLES["jia"]} | {code: chr(code) for code in range(0xE100, 0xE400)})


class _Aligned(dict[int, str]):
    """What has no sound is a gap."""

    def __missing__(self, code: int) -> str:
        return " "


_ALIGNED = _Aligned(_SOUND)
_LONGEST_WORD = 400
_STRAY, _SYLLABLE = 3, 1
"""What a letter that belongs to no syllable costs, and what a syllable does, when a word is spelled."""


@lru_cache(maxsize=8192)
def _spell(word: str) -> str:
    """The sounds of a word in Latin letters if (nearly) all of it is pinyin or known initials."""
    if word in _INITIALS:
        return "".join(_SYLLABLES[syllable] for syllable in _INITIALS[word].split())
    word = word[:_LONGEST_WORD]
    best: list[tuple[int, int, str]] = [(0, 0, "")]
    for end in range(1, len(word) + 1):
        cost, stray, sounds = best[-1]
        way = (cost + _STRAY, stray + 1, sounds + _STRAYS.get(word[end - 1], ""))
        for start in range(max(0, end - 6), end):
            code = _SYLLABLES.get(word[start:end])
            if code is not None and (best[start][0] + _SYLLABLE, best[start][1]) < way[:2]:
                way = (best[start][0] + _SYLLABLE, best[start][1], best[start][2] + code)
        best.append(way)
    _, stray, sounds = best[-1]
    return sounds if stray * 6 <= len(word) else ""


def is_spelled(word: str) -> bool:
    """Whether a word in Latin letters is pinyin and not one of the usual initials."""
    return len(word) > 3 and word not in _INITIALS and bool(_spell(word))


def sounds_of(characters: str) -> str:
    """How it sounds: homophones, pinyin and the usual initials come to the same."""
    return LATIN.sub(lambda found: _spell(found[0]), characters).translate(_SOUND)


def sounds_in_place(characters: str) -> str:
    """One sound or gap for each character; for texts without Latin letters."""
    return characters.translate(_ALIGNED)


def sounds_at(tight: str) -> tuple[str, list[tuple[int, int]]]:
    """The sounds of a tight view, and from where to where in it each stands."""
    sounds: list[str] = []
    places: list[tuple[int, int]] = []
    for found in _LATIN_OR_ONE.finditer(tight):
        heard = sounds_of(found[0])
        sounds.append(heard)
        places += [found.span()] * len(heard)
    return "".join(sounds), places
