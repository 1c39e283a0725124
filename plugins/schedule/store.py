"""Plugin: schedules in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from bot.context import Database
from bot.recurrence import Rule
from plugins.schedule.tables import entries


@dataclass(frozen=True, slots=True)
class Entry:
    """A text that a group hears by a rule; `next_at` is None while it is paused."""

    no: int
    rule: Rule
    text: str
    next_at: datetime | None
    sent_count: int


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.no, Rule.from_text(row.rule), row.text, row.next_at, row.sent_count)


async def add(db: Database, group: str, rule: Rule, text: str, next_at: datetime, *, by: str, now: datetime) -> int:
    """Keep a new schedule; returns its number, the group's next."""
    highest = select(func.coalesce(func.max(entries.c.no), 0)).where(entries.c.group == group)
    no = int((await db.execute(highest)).scalar_one()) + 1
    row = {"group": group, "no": no, "rule": str(rule), "text": text, "next_at": next_at}
    await db.execute(insert(entries), {**row, "created_by": by, "created_at": now})
    return no


async def of_group(db: Database, group: str) -> list[Entry]:
    """All of a group, by number."""
    rows = await db.execute(select(entries).where(entries.c.group == group).order_by(entries.c.no))
    return [_entry(row) for row in rows]


async def get(db: Database, group: str, no: int) -> Entry | None:
    found = (await db.execute(select(entries).where(entries.c.group == group, entries.c.no == no))).first()
    return _entry(found) if found else None


async def move(db: Database, group: str, no: int, next_at: datetime | None, *, sent: int = 0) -> None:
    """Set when it is next due, None to pause; `sent` more have gone out."""
    values = {"next_at": next_at, "sent_count": entries.c.sent_count + sent}
    await db.execute(update(entries).where(entries.c.group == group, entries.c.no == no).values(values))


async def remove(db: Database, group: str, no: int) -> None:
    await db.execute(delete(entries).where(entries.c.group == group, entries.c.no == no))
