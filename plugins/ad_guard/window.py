"""Plugin: which hits of a text belong together: those that stand close to each other. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.fold import Folded
from plugins.ad_guard.rule import Hit
from plugins.ad_guard.traits import EXCUSES, families, rules

WINDOW = 240
"""Letters whose hits are judged together: an ad hides in a long text, a long text is no ad. Blanks and signs between
them do not count."""


def best_window(hits: Sequence[Hit], text: Folded) -> list[Hit]:
    """The hits that stand close together and weigh most, with the excuses that stand near to them.

    A text shorter than a window keeps all of its own. The hits that weigh most lie where no excuse is: an article
    about swindlers is none of theirs.
    """
    if max(hit.end for hit in hits) <= WINDOW or len(text.tight) <= WINDOW:
        return list(hits)
    placed = [(text.letters_before(hit.start), text.letters_before(hit.end), hit) for hit in hits]
    starts = {0, *(start for start, _, hit in placed if hit.family != "mild")}
    best = max(starts, key=lambda first: rules(families(_between(placed, first, first + WINDOW))))
    inside = _between(placed, best, best + WINDOW)
    near = [hit for hit in _between(placed, best - WINDOW, best + 2 * WINDOW) if hit.name in EXCUSES]
    return [*inside, *(hit for hit in near if hit not in inside)]


def _between(placed: Sequence[tuple[int, int, Hit]], first: int, last: int) -> list[Hit]:
    return [hit for start, end, hit in placed if hit.end == 0 or (start >= first and end <= last)]
