"""Plugin: which trades and manners of speaking the words of a text belong to: `trades.txt`."""

from __future__ import annotations

from collections.abc import Set
from importlib.resources import files
from operator import add

from plugins.ad_guard.pieces import place_of

_ORDINARY = ("chat", "duty")


def _load() -> dict[str, list[str]]:
    lines = files("plugins.ad_guard").joinpath("trades.txt").read_text("utf-8").splitlines()
    words: dict[str, list[str]] = {}
    for family, *written in (line.split() for line in lines if not line.startswith("#")):
        for word in written:
            words.setdefault(word, []).append(family)
    return words


_FAMILIES = _load()
_AT: dict[int, list[str]] = {}
for _word in _FAMILIES:
    _AT.setdefault(place_of(_word), []).append(_word)
_PLACES = frozenset(_AT)
_LOOKED_AT = 200
_TURNED = {
    word[::-1]
    for word, families in _FAMILIES.items()
    if len(word) == 2 and word[::-1] not in _FAMILIES and not any(family in _ORDINARY for family in families)
}


def swapped(tight: str) -> int:
    """How many words of trade stand there only back to front (职兼, 信微), beyond the one that chance brings."""
    pairs = set(map(add, tight[:_LOOKED_AT], tight[1:_LOOKED_AT]))
    return max(0, sum(pair[::-1] not in pairs for pair in _TURNED & pairs) - 1)


def trades(characters: str, places: Set[int]) -> dict[str, float]:
    """How many words of each family stand in a span, and how many words of trade in all; shares of 1.

    places: those of the span's pieces; only a word that has one of them can stand there.
    """
    met = [word for place in _PLACES & places for word in _AT[place] if word in characters]
    if not met:
        return {}
    counted: dict[str, int] = {}
    for word in met:
        for family in _FAMILIES[word]:
            counted[family] = counted.get(family, 0) + 1
    found = {f"of_{family}": min(count, 4) / 4 for family, count in counted.items()}
    sold = sum(1 for word in met if not any(f in _ORDINARY for f in _FAMILIES[word]))
    found["trade_words"] = min(sold, 10) / 10
    found["trade_many"] = max(min(sold, 20) - 5, 0) / 15
    return found
