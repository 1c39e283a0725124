"""Plugin: check-ins in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, desc, func, insert, select, update

from bot.context import Database
from bot.storage.tables import upsert
from plugins.checkin.tables import cards, challenges, entries

_GIVE = upsert(cards)


@dataclass(frozen=True, slots=True)
class Challenge:
    no: int
    text: str
    first_on: date
    last_on: date
    closed: bool

    @property
    def length(self) -> int:
        return (self.last_on - self.first_on).days + 1

    def covers(self, day: date) -> bool:
        return self.first_on <= day <= self.last_on


def _challenge(row: Row[Any]) -> Challenge:
    first, last = date.fromisoformat(row.first_on), date.fromisoformat(row.last_on)
    return Challenge(row.no, row.text, first, last, bool(row.closed))


async def challenges_of(db: Database, group: str) -> list[Challenge]:
    """The newest first; a few are enough for any streak."""
    rows = await db.execute(
        select(challenges).where(challenges.c.group == group).order_by(desc(challenges.c.no)).limit(20)
    )
    return [_challenge(row) for row in rows]


async def start(db: Database, group: str, text: str, first: date, last: date, *, by: str) -> Challenge:
    highest = select(func.coalesce(func.max(challenges.c.no), 0)).where(challenges.c.group == group)
    no = int((await db.execute(highest)).scalar_one()) + 1
    row = {"group": group, "no": no, "text": text, "first_on": first.isoformat(), "last_on": last.isoformat()}
    await db.execute(insert(challenges), {**row, "created_by": by})
    return Challenge(no, text, first, last, closed=False)


async def close(db: Database, group: str, no: int, last: date | None = None) -> None:
    """Its end has been told; `last`: it ended earlier than planned."""
    values: dict[str, object] = {"closed": 1} | ({"last_on": last.isoformat()} if last else {})
    await db.execute(update(challenges).where(challenges.c.group == group, challenges.c.no == no).values(**values))


async def keep(
    db: Database, group: str, member: str, day: date, at: datetime, text: str, *, picture: bool, made_up: bool = False
) -> bool:
    """Check somebody in; False when they were in already on that day."""
    row = {"group": group, "day": day.isoformat(), "member": member, "at": at, "text": text}
    new = upsert(entries).values({**row, "picture": int(picture), "made_up": int(made_up)}).on_conflict_do_nothing()
    return (await db.execute(new)).rowcount > 0


async def on_day(db: Database, group: str, day: date) -> list[str]:
    """Members who checked in, in order."""
    found = select(entries.c.member).where(entries.c.group == group, entries.c.day == day.isoformat())
    return [row.member for row in await db.execute(found.order_by(entries.c.at, entries.c.member))]


async def days_of(db: Database, group: str, member: str, since: date) -> set[date]:
    found = select(entries.c.day).where(
        entries.c.group == group, entries.c.member == member, entries.c.day >= since.isoformat()
    )
    return {date.fromisoformat(row.day) for row in await db.execute(found)}


async def counts(db: Database, group: str, first: date, last: date) -> list[tuple[str, int]]:
    """Members and on how many of these days they checked in, the most first; earlier beats later."""
    days = func.count().label("days")
    found = (
        select(entries.c.member, days)
        .where(entries.c.group == group, entries.c.day.between(first.isoformat(), last.isoformat()))
        .group_by(entries.c.member)
        .order_by(desc(days), func.max(entries.c.at), entries.c.member)
    )
    return [(row.member, row.days) for row in await db.execute(found)]


async def cards_of(db: Database, group: str, member: str) -> int:
    found = select(cards.c.count).where(cards.c.group == group, cards.c.member == member)
    return int((await db.execute(found)).scalar_one_or_none() or 0)


async def give(db: Database, group: str, member: str, count: int) -> None:
    """Add make-up cards, or take (negative)."""
    statement = _GIVE.on_conflict_do_update(
        index_elements=["group", "member"], set_={"count": cards.c.count + _GIVE.excluded["count"]}
    )
    await db.execute(statement, {"group": group, "member": member, "count": count})


def streak(mine: set[date], open_days: set[date], today: date) -> int:
    """How many open days in a row somebody has been in; a day that was not open breaks nothing, nor does today yet."""
    length = 0
    for day in sorted((day for day in open_days | mine if day <= today), reverse=True):
        if day in mine:
            length += 1
        elif day != today:
            break
    return length


LONGEST = timedelta(days=400)
"""How far a streak is followed back."""
