"""Plugin: topics and question hours in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Table, delete, desc, func, insert, select, update

from bot.context import Database
from bot.storage.tables import upsert
from plugins.topic.tables import hours, items, questions, quoted

_COUNT = upsert(quoted).on_conflict_do_update(
    index_elements=["group", "hour", "key"], set_={"count": quoted.c.count + 1}
)


@dataclass(frozen=True, slots=True)
class Item:
    no: int
    text: str
    last_on: date | None


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of questions and answers; times are aware UTC."""

    no: int
    subject: str
    begins_at: datetime
    ends_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Asked:
    message: str
    name: str
    text: str
    answers: int


def _item(row: Row[Any]) -> Item:
    return Item(row.no, row.text, date.fromisoformat(row.last_on) if row.last_on else None)


def _hour(row: Row[Any]) -> Hour:
    return Hour(row.no, row.subject, row.begins_at, row.ends_at, row.state)


async def _next_no(db: Database, table: Table, group: str) -> int:
    highest = select(func.coalesce(func.max(table.c.no), 0)).where(table.c.group == group)
    return int((await db.execute(highest)).scalar_one()) + 1


async def add(db: Database, group: str, text: str, *, by: str) -> int:
    no = await _next_no(db, items, group)
    await db.execute(insert(items), {"group": group, "no": no, "text": text, "created_by": by})
    return no


async def all_of(db: Database, group: str) -> list[Item]:
    rows = await db.execute(select(items).where(items.c.group == group).order_by(items.c.no))
    return [_item(row) for row in rows]


async def remove(db: Database, group: str, no: int) -> bool:
    return (await db.execute(delete(items).where(items.c.group == group, items.c.no == no))).rowcount > 0


async def take_turn(db: Database, group: str, no: int, day: date | None) -> None:
    value = day.isoformat() if day else ""
    await db.execute(update(items).where(items.c.group == group, items.c.no == no).values(last_on=value))


def next_in_turn(found: list[Item], day: date, rest: timedelta) -> Item | None:
    """Whose turn it is on `day`: what was never said first, then what rested longest; nothing that had its turn less
    than `rest` ago."""
    ready = [one for one in found if one.last_on is None or day - one.last_on >= rest]
    return min(ready, key=lambda one: (one.last_on or date.min, one.no), default=None)


async def plan(db: Database, group: str, subject: str, begins: datetime, ends: datetime, *, by: str) -> Hour:
    no = await _next_no(db, hours, group)
    row = {"group": group, "no": no, "subject": subject, "begins_at": begins, "ends_at": ends, "state": "planned"}
    await db.execute(insert(hours), {**row, "created_by": by})
    return Hour(no, subject, begins, ends, "planned")


async def hour(db: Database, group: str, no: int) -> Hour | None:
    row = (await db.execute(select(hours).where(hours.c.group == group, hours.c.no == no))).first()
    return _hour(row) if row else None


async def newest_hours(db: Database, group: str, *states: str) -> list[Hour]:
    found = select(hours).where(hours.c.group == group, hours.c.state.in_(states)).order_by(desc(hours.c.no)).limit(5)
    return [_hour(row) for row in await db.execute(found)]


async def enter(db: Database, group: str, no: int, state: str) -> None:
    await db.execute(update(hours).where(hours.c.group == group, hours.c.no == no).values(state=state))


async def ask(db: Database, group: str, no: int, message: str, name: str, text: str, at: datetime) -> None:
    row = {"group": group, "hour": no, "message": message, "name": name, "text": text, "at": at}
    await db.execute(upsert(questions).values(row).on_conflict_do_nothing())


async def asked_in(db: Database, group: str, no: int) -> list[Asked]:
    found = select(questions).where(questions.c.group == group, questions.c.hour == no).order_by(questions.c.at)
    return [Asked(row.message, row.name, row.text, row.answers) for row in await db.execute(found)]


async def answered(db: Database, group: str, no: int, message: str) -> None:
    mine = (questions.c.group == group, questions.c.hour == no, questions.c.message == message)
    await db.execute(update(questions).where(*mine).values(answers=questions.c.answers + 1))


async def count_quote(db: Database, group: str, no: int, key: str, name: str, text: str) -> None:
    await db.execute(_COUNT, {"group": group, "hour": no, "key": key, "name": name, "text": text, "count": 1})


async def most_quoted(db: Database, group: str, no: int, limit: int) -> list[tuple[str, str, int]]:
    """(name, text, count), the most quoted first."""
    found = select(quoted).where(quoted.c.group == group, quoted.c.hour == no)
    rows = await db.execute(found.order_by(desc(quoted.c["count"]), quoted.c.key).limit(limit))
    return [(row.name, row.text, row._mapping["count"]) for row in rows]


async def leave_out(db: Database, group: str, no: int, message: str) -> None:
    """Neither the question nor the answer that this message was is shown any more."""
    await db.execute(
        delete(questions).where(questions.c.group == group, questions.c.hour == no, questions.c.message == message)
    )
    await db.execute(delete(quoted).where(quoted.c.group == group, quoted.c.hour == no, quoted.c.key == message))
