"""Engine room: whose turn it is among the rows that wait: by urgency, paced, in order to the same place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from bot.actions import NotifyAdmins, SendImage, SendText
from bot.pacing import Pacer
from bot.storage.outbox import REMOVAL_PRIORITY, Row, State

URGENT = 10
"""Rows up to this priority (removals, enforcement) do not wait for human-like gaps."""
AWAITED = 20
"""Rows up to this priority (answers too) do not count against the daily caps."""
_NEVER = datetime.min.replace(tzinfo=UTC)
STALE = timedelta(hours=6)
"""What nobody wants any more: a reply or greeting that could not be sent for so long."""


def in_turn(rows: Iterable[Row], pacer: Pacer, now: datetime) -> Iterator[tuple[Row, datetime]]:
    """Rows by urgency with the moment they may go; one that is behind another to the same place is left out.

    Of answers the group's that was served longest ago goes first: those who ask without end keep nobody else waiting.
    """

    def turn(row: Row) -> tuple[int, datetime, int]:
        served = pacer.served_at(row.group) if URGENT < row.priority <= AWAITED else None
        return row.priority, served or _NEVER, row.id

    taken: set[tuple[str, str, int]] = set()
    for row in sorted(rows, key=turn):
        if row.state is State.WAITING and not isinstance(row.action, NotifyAdmins):
            place = (row.group, getattr(row.action, "to", ""), row.priority)
            if place in taken and row.priority != REMOVAL_PRIORITY:
                continue
            taken.add(place)
        yield row, _ready_at(row, pacer, now)


def next_row(rows: Iterable[Row], pacer: Pacer, now: datetime) -> Row | None:
    """The most urgent row that may go now."""
    return next((row for row, at in in_turn(rows, pacer, now) if at <= now), None)


def _ready_at(row: Row, pacer: Pacer, now: datetime) -> datetime:
    if row.state is not State.WAITING:
        return row.not_before
    when = max(row.not_before, now)
    if isinstance(row.action, NotifyAdmins):
        return when
    return pacer.next_at(row.group, when, urgent=row.priority <= URGENT, awaited=row.priority <= AWAITED)


def is_too_late(row: Row, now: datetime) -> bool:
    """Whether nobody wants it any more."""
    if row.priority <= URGENT or isinstance(row.action, NotifyAdmins):
        return False
    lasts = row.action.lasts if isinstance(row.action, SendText | SendImage) else None
    return now - row.created_at > (STALE if lasts is None else min(STALE, timedelta(seconds=lasts)))
