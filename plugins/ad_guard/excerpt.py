"""Plugin: what the judge reads of a long text: its head, its tail, and what between them is worded most like an ad."""

from __future__ import annotations

from bot.fold import LONGEST, fold, squeezed
from plugins.ad_guard.wording import Model, characters_of

PART = 60
"""Characters that are looked at together at first."""
HEAD, TAIL, MOST = 3, 2, 20
"""Parts that are read in any case, at the beginning and at the end, and how many in all: 1,200 characters."""
GLANCED = 10_000
"""Characters that are looked at: more than one message of WeChat holds."""


def excerpt(text: str, model: Model) -> str:
    """A text of at most `LONGEST` characters whole; of a longer one what is worth reading, in its order.

    Padding costs its writer more than it costs the judge: runs of one sign shrink first, and a glance at every part
    is some thirty times cheaper than reading it.
    """
    if len(text) <= LONGEST:
        return text
    text = squeezed(text)
    if len(text) <= LONGEST:
        return text
    if len(text) > GLANCED:
        text = text[: GLANCED * 3 // 4] + text[-GLANCED // 4 :]
    parts = [text[start : start + PART] for start in range(0, len(text), PART)]
    weights = [model.glance(characters_of(fold(part))) for part in parts]
    return _joined(parts, _chosen(weights))


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


def _joined(parts: list[str], chosen: list[int]) -> str:
    """Parts that follow each other as they stood, a new line where something is left out."""
    found: list[str] = []
    before = -1
    for place in chosen:
        if found and place != before + 1:
            found.append("\n")
        found.append(parts[place])
        before = place
    return "".join(found)
