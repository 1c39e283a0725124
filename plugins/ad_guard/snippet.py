"""Plugin: which words of the original weighed most in the learned part, so that its signal can quote them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.fold import Folded
from plugins.ad_guard.sound import sounds_at, sounds_of
from plugins.ad_guard.wording import SPAN, Model, Words

MOST = 24
"""Characters of a view that are quoted at most."""
_GAP = 3


def snippet(model: Model, words: Words, text: Folded) -> str:
    """The stretch of the original where the strongest pieces stand; empty if none of them can be found again."""
    strongest = model.strongest(words)
    offset = max(min((i for _, piece in strongest if (i := text.tight.find(piece)) >= 0), default=0) - SPAN, 0)
    tight = text.tight[offset : offset + 4 * SPAN]
    weights = [0.0] * len(tight)
    sounds, places = sounds_at(tight)
    for weight, piece in strongest:
        for start, end in (_found(tight, piece), _sounded(sounds, places, sounds_of(piece))):
            for place in range(start, end):
                weights[place] += weight
    start, end = _heaviest(weights)
    if start == end:
        return ""
    first, last = text.span(offset + start, offset + end)
    return text.original[first:last]


def _found(tight: str, piece: str) -> tuple[int, int]:
    start = tight.find(piece)
    return (start, start + len(piece)) if start >= 0 else (0, 0)


def _sounded(sounds: str, places: Sequence[tuple[int, int]], piece: str) -> tuple[int, int]:
    start = sounds.find(piece)
    return (places[start][0], places[start + len(piece) - 1][1]) if piece and start >= 0 else (0, 0)


def _heaviest(weights: Sequence[float]) -> tuple[int, int]:
    """The stretch that weighs most, with no gap of several characters that weigh nothing."""
    best, found = 0.0, (0, 0)
    start, last, total = -1, -1, 0.0
    for place, weight in enumerate(weights):
        if weight <= 0:
            continue
        if start < 0 or place - last > _GAP or place - start >= MOST:
            start, total = place, 0.0
        total, last = total + weight, place
        if total > best:
            best, found = total, (start, last + 1)
    return found
