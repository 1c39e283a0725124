"""Plugin: what the points plugin keeps, as functions over the event's transaction."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import insert, select

from bot.context import Database
from plugins.points.tables import checkins


async def streak_on(db: Database, member_id: str, day: date) -> int:
    """How many days in a row the member had signed in on that day; 0 when not on that day."""
    found = select(checkins.c.streak).where(checkins.c.member == member_id, checkins.c.day == day.isoformat())
    return int((await db.execute(found)).scalar_one_or_none() or 0)


async def keep(db: Database, member_id: str, day: date, group: str, streak: int, points: int, at: datetime) -> None:
    row = {"member": member_id, "day": day.isoformat(), "group": group, "streak": streak, "points": points, "at": at}
    await db.execute(insert(checkins).values(row))
