"""Plugin: what the judge reads of a long text: its head, its tail, and what between them is worded most like an ad."""

from __future__ import annotations

from bot.fold import LONGEST, fold, squeezed
from plugins.ad_guard.wording import Model, characters_of

PART = 60
"""Characters that are looked at together at first."""
HEAD, TAIL, MOST = 3, 2, 20
"""Parts that are read in any case, at the beginning and at the end, and how many in all: 1,200 characters."""
GLANCED = 12_000
"""Characters that are looked at; of a longer text three quarters from its head, the rest from its tail."""


def excerpts(text: str, model: Model) -> list[str]:
    """A text of at most `LONGEST` characters whole; of a longer one the stretches worth reading, in their order.

    Stretches are judged each by itself: what stands far apart does not belong together. Padding costs its writer more
    than it costs the judge: runs of signs shrink first, and a glance at a part costs a tenth of reading it.
    """
    if len(text) > LONGEST:
        text = squeezed(text)
    if len(text) <= LONGEST:
        return [text]
    head, tail = text[: GLANCED * 3 // 4], text[GLANCED * 3 // 4 :][-GLANCED // 4 :]
    parts = [part[start : start + PART] for part in (head, tail) for start in range(0, len(part), PART)]
    weights = [model.glance(characters_of(fold(part))) for part in parts]
    return _stretches(parts, _chosen(weights))


def _chosen(weights: list[float]) -> list[int]:
    """Which parts are read: the ends, then whole neighbourhoods of the heaviest parts."""
    last = len(weights) - 1
    chosen = {*range(HEAD), *range(last - TAIL + 1, last + 1)}
    for heaviest in sorted(range(len(weights)), key=lambda place: -weights[place]):
        around = {place for place in (heaviest - 1, heaviest, heaviest + 1) if 0 <= place <= last}
        if len(chosen | around) > MOST:
            break
        chosen |= around
    return sorted(chosen)


def _stretches(parts: list[str], chosen: list[int]) -> list[str]:
    """The chosen parts, those that follow each other as one."""
    found: list[str] = []
    before = -2
    for place in chosen:
        if place == before + 1:
            found[-1] += parts[place]
        else:
            found.append(parts[place])
        before = place
    return found
