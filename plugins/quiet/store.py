"""Plugin: quiet: reading and writing rounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import insert, select, update

from bot.context import Database
from bot.model import Member
from plugins.quiet.tables import quiet_member, quiet_round


class State(StrEnum):
    """Of a round: NOTICED → REMOVING → DONE, or STOPPED by an admin's word."""

    NOTICED = "noticed"
    REMOVING = "removing"
    DONE = "done"
    STOPPED = "stopped"


class Fate(StrEnum):
    """Of a member in a round."""

    NAMED = "named"
    SPARED = "spared"
    REMOVING = "removing"
    REMOVED = "removed"
    FAILED = "failed"
    INVITED = "invited"


@dataclass(frozen=True, slots=True)
class Round:
    no: int
    group: str
    state: State
    lasts: timedelta
    began_at: datetime
    due_at: datetime
    by: str


async def begin(
    db: Database, group: str, lasts: timedelta, now: datetime, due_at: datetime, by: str, people: Iterable[Member]
) -> Round:
    """A new round with those it names."""
    row = {
        "group": group,
        "state": State.NOTICED.value,
        "lasts": int(lasts.total_seconds()),
        "began_at": now,
        "due_at": due_at,
        "by": by,
    }
    no = int((await db.execute(insert(quiet_round).values(row).returning(quiet_round.c.no))).scalar_one())
    rows = [{"round": no, "member": each.id, "name": each.name, "state": Fate.NAMED.value} for each in people]
    if rows:
        await db.execute(insert(quiet_member), rows)
    return Round(no, group, State.NOTICED, lasts, now, due_at, by)


async def newest(db: Database, group: str) -> Round | None:
    found = select(quiet_round).where(quiet_round.c.group == group).order_by(quiet_round.c.no.desc()).limit(1)
    row = (await db.execute(found)).one_or_none()
    if row is None:
        return None
    lasts = timedelta(seconds=row.lasts)
    return Round(row.no, row.group, State(row.state), lasts, row.began_at, row.due_at, row.by)


async def move(db: Database, one: Round, state: State, by: str = "") -> None:
    values = {"state": state.value} | ({"by": by} if by else {})
    await db.execute(update(quiet_round).where(quiet_round.c.no == one.no).values(values))


async def people(db: Database, one: Round, *fates: Fate) -> list[Member]:
    """Those of a round with one of these fates."""
    wanted = [fate.value for fate in fates]
    found = (
        select(quiet_member)
        .where(quiet_member.c.round == one.no, quiet_member.c.state.in_(wanted))
        .order_by(quiet_member.c.member)
    )
    return [Member(row.member, row.name) for row in await db.execute(found)]


async def mark(db: Database, one: Round, members: Iterable[str], fate: Fate) -> None:
    chosen = list(members)
    if chosen:
        where = (quiet_member.c.round == one.no, quiet_member.c.member.in_(chosen))
        await db.execute(update(quiet_member).where(*where).values(state=fate.value))
