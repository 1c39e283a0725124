"""Plugin: added-up days in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import delete, func, insert, select

from bot.context import Database
from plugins.leaderboard.tables import closed, days
from plugins.leaderboard.talk import Tally

KEPT = timedelta(days=400)


async def close(db: Database, group: str, day: date, tallies: Mapping[str, Tally]) -> None:
    """Keep a day that is over; the oldest days go."""
    await db.execute(insert(closed), {"group": group, "day": day.isoformat()})
    rows = [
        {"group": group, "day": day.isoformat(), "member": member, "said": tally.said, "counted": tally.counted}
        for member, tally in tallies.items()
    ]
    if rows:
        await db.execute(insert(days), rows)
    old = (day - KEPT).isoformat()
    await db.execute(delete(days).where(days.c.group == group, days.c.day < old))
    await db.execute(delete(closed).where(closed.c.group == group, closed.c.day < old))


async def closed_between(db: Database, group: str, first: date, last: date) -> set[date]:
    """Which of these days are added up."""
    found = select(closed.c.day).where(
        closed.c.group == group, closed.c.day.between(first.isoformat(), last.isoformat())
    )
    return {date.fromisoformat(row.day) for row in await db.execute(found)}


async def total(db: Database, group: str, first: date, last: date) -> dict[str, Tally]:
    """Each member's sums over the days kept between these two, both included."""
    rows = await db.execute(
        select(days.c.member, func.sum(days.c.said).label("said"), func.sum(days.c.counted).label("counted"))
        .where(days.c.group == group, days.c.day.between(first.isoformat(), last.isoformat()))
        .group_by(days.c.member)
    )
    return {row.member: Tally(int(row.said), int(row.counted)) for row in rows}


async def forget(db: Database, group: str, member: str) -> None:
    """Take a member out of every day."""
    await db.execute(delete(days).where(days.c.group == group, days.c.member == member))
