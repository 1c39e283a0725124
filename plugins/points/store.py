"""Plugin: what the points plugin keeps, as functions over the event's transaction."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import desc, func, insert, select, update

from bot.context import Database
from bot.storage.tables import upsert
from plugins.points.tables import cards, checkins, talked


async def newest(db: Database, member_id: str) -> tuple[date, int]:
    """The latest day the member has signed in on, and how many in a row it was; (date.min, 0) when never."""
    found = select(checkins.c.day, checkins.c.streak).where(checkins.c.member == member_id)
    row = (await db.execute(found.order_by(desc(checkins.c.day)).limit(1))).one_or_none()
    return (date.min, 0) if row is None else (date.fromisoformat(row.day), int(row.streak))


async def streak_on(db: Database, member_id: str, day: date) -> int:
    """How many days in a row the member had signed in on that day; 0 when not on that day."""
    found = select(checkins.c.streak).where(checkins.c.member == member_id, checkins.c.day == day.isoformat())
    return int((await db.execute(found)).scalar_one_or_none() or 0)


async def keep(
    db: Database,
    member_id: str,
    day: date,
    group: str,
    streak: int,
    points: int,
    at: datetime,
    *,
    made_up: bool = False,
) -> None:
    row = {"member": member_id, "day": day.isoformat(), "group": group, "streak": streak, "points": points, "at": at}
    await db.execute(insert(checkins).values(**row, made_up=int(made_up)))


async def fill(db: Database, member_id: str, day: date, group: str, at: datetime) -> int:
    """Sign in on a missed day and join the days after it to those before; how many in a row that makes now."""
    streak = await streak_on(db, member_id, day - timedelta(days=1)) + 1
    await keep(db, member_id, day, group, streak, 0, at, made_up=True)
    while await streak_on(db, member_id, day := day + timedelta(days=1)):
        streak += 1
        mine = (checkins.c.member == member_id, checkins.c.day == day.isoformat())
        await db.execute(update(checkins).where(*mine).values(streak=streak))
    return streak


async def made_up_since(db: Database, member_id: str, day: date) -> int:
    """How many days since then were made up."""
    mine = (checkins.c.member == member_id, checkins.c.day >= day.isoformat(), checkins.c.made_up == 1)
    return int((await db.execute(select(func.count()).select_from(checkins).where(*mine))).scalar_one())


async def cards_of(db: Database, member_id: str) -> int:
    total = select(func.coalesce(func.sum(cards.c.change), 0)).where(cards.c.member == member_id)
    return int((await db.execute(total)).scalar_one())


async def move_cards(db: Database, key: str, member_id: str, change: int, at: datetime, *, actor: str = "") -> None:
    """Give or take cards; `key` counts once for ever."""
    row = {"key": key, "member": member_id, "change": change, "actor": actor, "at": at}
    await db.execute(upsert(cards).values(row).on_conflict_do_nothing(index_elements=["key"]))


async def talked_on(db: Database, member_id: str, day: date) -> int:
    """Points the member has had for talking on that day, in all groups."""
    found = select(talked.c.points).where(talked.c.member == member_id, talked.c.day == day.isoformat())
    return int((await db.execute(found)).scalar_one_or_none() or 0)


async def keep_talked(db: Database, member_id: str, day: date, points: int) -> None:
    row = {"member": member_id, "day": day.isoformat(), "points": points}
    change = upsert(talked).values(row).on_conflict_do_update(index_elements=["member", "day"], set_={"points": points})
    await db.execute(change)
