"""Web: 概览: is everything well, what happened today, what waits for a decision, what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.web.console.frame import Act, Page, Visit

NEXT, DONE = 8, 12


async def load(visit: Visit) -> Mapping[str, Any]:
    board = visit.house.board
    health = board.health()
    return {
        "reasons": list(health.reasons),
        "numbers": dict(health.numbers),
        "scheduled": await board.scheduled(visit.group, NEXT),
        "actions": await board.actions(visit.group, DONE),
    }


PAGES = (Page("", "概览", "overview.html", load),)
ACTS: tuple[Act, ...] = ()
