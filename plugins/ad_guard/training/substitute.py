"""Plugin: ad_guard, training: the same sentence about other things: some of its words replaced by words of their kind.

What a sentence is about changes from day to day; how an offer is made does not. A model that sees every sentence with
other words in it, too, leans on the frame and on several words instead of on the one that gave it away.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from random import Random

LONGEST = 4
EVENLY = 0.75
"""The power of a word's frequency by which it is drawn: rare words come more often than in life."""
_LEAST = 3
_GLUE = ("", "", "", "，", "的", "了")


class Dictionary:
    """Words of two to four characters with their part of speech and frequency, to draw others of the same kind from."""

    def __init__(self, lines: Iterator[str]) -> None:
        """lines: `word frequency part`, as in the dictionary of jieba."""
        self._kind: dict[str, tuple[str, int]] = {}
        weights: dict[tuple[str, int], list[tuple[str, float]]] = {}
        for line in lines:
            word, frequency, *part = line.split()
            chinese = all("\u4e00" <= c <= "\u9fff" for c in word)
            if chinese and 2 <= len(word) <= LONGEST and int(frequency) >= _LEAST and part:
                kind = self._kind[word] = (part[0][0], len(word))
                weights.setdefault(kind, []).append((word, int(frequency) ** EVENLY))
        self._drawn = {
            kind: ([word for word, _ in found], list(accumulate(weight for _, weight in found)))
            for kind, found in weights.items()
        }
        everything = [pair for found in weights.values() for pair in found]
        self._any = [word for word, _ in everything], list(accumulate(weight for _, weight in everything))

    def substituted(self, text: str, share: float, random: Random) -> str:
        """The text with about this share of its words replaced; the longest word that begins at a place counts."""
        found, at = [], 0
        while at < len(text):
            word = self._word_at(text, at)
            kind = self._kind.get(word)
            found.append(_draw(self._drawn[kind], random) if kind and random.random() < share else word)
            at += len(word)
        return "".join(found)

    def nonsense(self, random: Random) -> str:
        """Words at random, common ones oftener."""
        drawn = (_draw(self._any, random) + random.choice(_GLUE) for _ in range(random.randint(5, 12)))
        return "".join(drawn)

    def _word_at(self, text: str, at: int) -> str:
        for length in range(LONGEST, 1, -1):
            if (word := text[at : at + length]) in self._kind:
                return word
        return text[at]


def _draw(drawn: tuple[list[str], list[float]], random: Random) -> str:
    words, sums = drawn
    return random.choices(words, cum_weights=sums)[0]


@lru_cache(maxsize=1)
def dictionary() -> Dictionary:
    """The word list of jieba (MIT): only the file is read, the package is not imported."""
    found = find_spec("jieba")
    if found is None or found.origin is None:
        raise SystemExit('jieba (its word list) is missing: pip install -e ".[train]"')
    with Path(found.origin).with_name("dict.txt").open(encoding="utf-8") as lines:
        return Dictionary(iter(lines))
