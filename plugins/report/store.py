"""Plugin: report: its table, read and written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select, update

from bot.context import Database
from plugins.report.tables import entries

LOOKED_AT = 20
"""Earlier cases of a reporter that are looked at."""


async def add(db: Database, row: dict[str, Any]) -> None:
    await db.execute(insert(entries).values(row))


async def has_said(db: Database, group: str, kind: str, reporter: str, accused: str, since: datetime) -> bool:
    """Whether they said it already, and it still counts or has led to a case."""
    mine = (entries.c.reporter == reporter, entries.c.accused == accused, entries.c.kind == kind)
    found = select(entries.c.no).where(entries.c.group == group, *mine, entries.c.at > since).limit(1)
    return (await db.execute(found)).first() is not None


async def blamed_lately(db: Database, group: str, reporter: str, since: datetime) -> int:
    """How many people somebody has blamed since then."""
    count = select(func.count(func.distinct(entries.c.accused))).where(
        entries.c.group == group, entries.c.reporter == reporter, entries.c.at > since
    )
    return int((await db.execute(count)).scalar_one())


async def waiting(db: Database, group: str, kind: str, accused: str, since: datetime) -> list[Row[Any]]:
    """What counts against somebody and has led to no case yet, oldest first."""
    found = select(entries).where(
        entries.c.group == group,
        entries.c.accused == accused,
        entries.c.kind == kind,
        entries.c.at > since,
        entries.c.case.is_(None),
    )
    return list(await db.execute(found.order_by(entries.c.no)))


async def attach(db: Database, group: str, kind: str, accused: str, since: datetime, case: int) -> None:
    mine = (entries.c.group == group, entries.c.accused == accused, entries.c.kind == kind)
    loose = (entries.c.at > since, entries.c.case.is_(None))
    await db.execute(update(entries).where(*mine, *loose).values(case=case))


async def cases_of(db: Database, group: str, reporter: str, since: datetime) -> list[int]:
    """The newest cases that somebody's reports have led to."""
    led = (entries.c.group == group, entries.c.reporter == reporter, entries.c.at > since, entries.c.case.is_not(None))
    newest = select(entries.c.case).where(*led).distinct().order_by(entries.c.case.desc()).limit(LOOKED_AT)
    return [int(row.case) for row in await db.execute(newest)]


async def forget(db: Database, group: str, member: str) -> None:
    """Remove what somebody said, and what was said about them and led to nothing."""
    about = (entries.c.accused == member) & entries.c.case.is_(None)
    await db.execute(delete(entries).where(entries.c.group == group, or_(entries.c.reporter == member, about)))
