"""Plugin: tasks in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select

from bot.context import Database
from plugins.task.tables import tasks


@dataclass(frozen=True, slots=True)
class Task:
    """One task of a group; `due_at` is None when it has a day but no hour."""

    no: int
    on_date: date
    due_at: datetime | None
    text: str


def _task(row: Row[Any]) -> Task:
    return Task(row.no, date.fromisoformat(row.on_date), row.due_at, row.text)


async def add(
    db: Database, group: str, on_date: date, due_at: datetime | None, text: str, *, by: str, now: datetime
) -> Task:
    """Keep a new task; it gets the group's next number."""
    highest = select(func.coalesce(func.max(tasks.c.no), 0)).where(tasks.c.group == group)
    no = int((await db.execute(highest)).scalar_one()) + 1
    row = {"group": group, "no": no, "on_date": on_date.isoformat(), "due_at": due_at, "text": text}
    await db.execute(insert(tasks), {**row, "created_by": by, "created_at": now})
    return Task(no, on_date, due_at, text)


async def get(db: Database, group: str, no: int) -> Task | None:
    found = (await db.execute(select(tasks).where(tasks.c.group == group, tasks.c.no == no))).first()
    return _task(found) if found else None


async def remove(db: Database, group: str, no: int) -> bool:
    """False when there is no such task."""
    return (await db.execute(delete(tasks).where(tasks.c.group == group, tasks.c.no == no))).rowcount > 0


async def between(db: Database, group: str, first: date, last: date, limit: int = 50) -> list[Task]:
    """Tasks of these local days, both included: those without an hour first, then by hour."""
    rows = await db.execute(
        select(tasks)
        .where(tasks.c.group == group, tasks.c.on_date.between(first.isoformat(), last.isoformat()))
        .order_by(tasks.c.on_date, tasks.c.due_at, tasks.c.no)
        .limit(limit)
    )
    return [_task(row) for row in rows]
