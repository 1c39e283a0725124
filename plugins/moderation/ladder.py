"""Plugin: moderation: the ladder 提醒 → 警告 → 移出或请管理员决定, pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from bot.context import Case

COUNTED_VERDICTS = frozenset({"flood", "word", "warn"})
_FORGIVEN = frozenset({"undone", "dropped", "withdrawn"})


class Step(StrEnum):
    """What a breach leads to."""

    REMIND = "remind"
    WARN = "warn"
    ASK = "ask"
    REMOVE = "remove"


def earlier_warnings(cases: Iterable[Case], now: datetime, decay: timedelta, *, except_no: int) -> int:
    """How many warnings of a member still count: not forgiven, not older than `decay`."""
    return sum(
        1
        for case in cases
        if case.no != except_no
        and case.verdict in COUNTED_VERDICTS
        and case.state not in _FORGIVEN
        and case.opened_at > now - decay
    )


def next_step(earlier: int, allowed: int, may_remove: bool) -> Step:
    """The step for a breach after `earlier` warnings when `allowed` come before a removal."""
    if earlier >= allowed:
        return Step.REMOVE if may_remove else Step.ASK
    return Step.REMIND if earlier == 0 else Step.WARN
