"""Plugin: questions and answers in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from bot.context import Database
from plugins.faq.tables import entries


@dataclass(frozen=True, slots=True)
class Entry:
    no: int
    questions: tuple[str, ...]
    answer: str
    said_by: str
    said_at: datetime
    used: int


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.no, tuple(row.questions), row.answer, row.said_by, row.said_at, row.used)


async def add(
    db: Database, group: str, questions: Sequence[str], answer: str, said_by: str, said_at: datetime, *, by: str
) -> int:
    highest = select(func.coalesce(func.max(entries.c.no), 0)).where(entries.c.group == group)
    no = int((await db.execute(highest)).scalar_one()) + 1
    row = {"group": group, "no": no, "questions": list(questions), "answer": answer, "said_by": said_by}
    await db.execute(insert(entries), {**row, "said_at": said_at, "created_by": by})
    return no


async def all_of(db: Database, group: str) -> list[Entry]:
    rows = await db.execute(select(entries).where(entries.c.group == group).order_by(entries.c.no))
    return [_entry(row) for row in rows]


async def get(db: Database, group: str, no: int) -> Entry | None:
    row = (await db.execute(select(entries).where(entries.c.group == group, entries.c.no == no))).first()
    return _entry(row) if row else None


async def remove(db: Database, group: str, no: int) -> bool:
    return (await db.execute(delete(entries).where(entries.c.group == group, entries.c.no == no))).rowcount > 0


async def count_use(db: Database, group: str, no: int) -> None:
    used = update(entries).where(entries.c.group == group, entries.c.no == no).values(used=entries.c.used + 1)
    await db.execute(used)


async def forget(db: Database, group: str, said_by: str, instead: str) -> None:
    mine = (entries.c.group == group, entries.c.said_by == said_by)
    await db.execute(update(entries).where(*mine).values(said_by=instead))
