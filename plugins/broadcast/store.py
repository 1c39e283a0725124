"""Plugin: broadcast: its tables, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, desc, func, insert, select, update

from bot.context import Database
from bot.storage.tables import upsert as insert_once
from plugins.broadcast.tables import rounds, sends, tags

WAITING = "waiting"


class End(StrEnum):
    """What became of it in one group, as the engine tells it."""

    DONE = "done"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    EXPIRED = "expired"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Round:
    """One broadcast; see tables.py."""

    no: int
    text: str
    by: str
    by_name: str
    place: str
    began_at: datetime
    stopped_by: str
    told: int


@dataclass(frozen=True, slots=True)
class Send:
    group: str
    topic: str
    state: str
    error: str


async def tagged(db: Database) -> dict[str, list[str]]:
    """Group ids by tag."""
    found: dict[str, list[str]] = {}
    for row in await db.execute(select(tags).order_by(tags.c.tag, tags.c.group)):
        found.setdefault(row.tag, []).append(row.group)
    return found


async def tag(db: Database, name: str, group: str) -> bool:
    added = await db.execute(insert_once(tags).values(tag=name, group=group).on_conflict_do_nothing())
    return bool(added.rowcount)


async def untag(db: Database, name: str, group: str) -> bool:
    gone = await db.execute(delete(tags).where(tags.c.tag == name, tags.c.group == group))
    return bool(gone.rowcount)


async def begin(
    db: Database, text: str, by: tuple[str, str], place: str, at: datetime, groups: Sequence[tuple[str, str]]
) -> int:
    """Write down a broadcast to these groups (id, topic); returns its number."""
    row = {"text": text, "by": by[0], "by_name": by[1], "place": place, "began_at": at}
    no = int((await db.execute(insert(rounds).values(row).returning(rounds.c.no))).scalar_one())
    for group, topic in groups:
        about = {"round": no, "group": group, "topic": topic, "state": WAITING, "began_at": at}
        await db.execute(insert(sends).values(about))
    return no


async def get(db: Database, no: int) -> Round | None:
    row = (await db.execute(select(rounds).where(rounds.c.no == no))).one_or_none()
    return None if row is None else Round(**row._mapping)


async def newest(db: Database, by: str) -> Round | None:
    """The last broadcast of somebody."""
    mine = select(rounds).where(rounds.c.by == by).order_by(desc(rounds.c.no)).limit(1)
    row = (await db.execute(mine)).one_or_none()
    return None if row is None else Round(**row._mapping)


async def of_round(db: Database, no: int) -> list[Send]:
    columns = (sends.c.group, sends.c.topic, sends.c.state, sends.c.error)
    rows = await db.execute(select(*columns).where(sends.c.round == no).order_by(sends.c.group))
    return [Send(**row._mapping) for row in rows]


async def settle(db: Database, no: int, group: str, state: str, error: str, at: datetime) -> None:
    mine = (sends.c.round == no, sends.c.group == group, sends.c.state == WAITING)
    await db.execute(update(sends).where(*mine).values(state=state, error=error, settled_at=at))


async def stop(db: Database, no: int, by: str) -> None:
    await db.execute(update(rounds).where(rounds.c.no == no).values(stopped_by=by))


async def tell_once(db: Database, no: int) -> bool:
    """True the first time."""
    told = await db.execute(update(rounds).where(rounds.c.no == no, rounds.c.told == 0).values(told=1))
    return bool(told.rowcount)


async def received(db: Database, since: datetime) -> dict[str, int]:
    """How many broadcasts each group got (or is about to get) since then."""
    gone = (End.WITHDRAWN, End.REFUSED, End.FAILED, End.EXPIRED)
    counted = (
        select(sends.c.group, func.count().label("times"))
        .where(sends.c.began_at >= since, sends.c.state.not_in(gone))
        .group_by(sends.c.group)
    )
    return {row.group: int(row.times) for row in await db.execute(counted)}
