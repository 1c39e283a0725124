"""Plugin: appeal: its table, read and written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from bot.context import Database
from plugins.appeal.tables import entries

WAITING, ACCEPTED, REFUSED = "waiting", "accepted", "refused"


async def get(db: Database, case: int) -> Row[Any] | None:
    return (await db.execute(select(entries).where(entries.c.case == case))).first()


async def add(db: Database, case: int, group: str, member: tuple[str, str], reason: str, at: datetime) -> None:
    """member: id and name."""
    row = {"case": case, "group": group, "member": member[0], "name": member[1], "reason": reason, "at": at}
    await db.execute(insert(entries).values({**row, "state": WAITING}))


async def decide(db: Database, case: int, state: str, by: str, at: datetime) -> bool:
    """False when it was decided before."""
    mine = (entries.c.case == case, entries.c.state == WAITING)
    decided = update(entries).where(*mine).values(state=state, decided_by=by, decided_at=at)
    return (await db.execute(decided)).rowcount > 0


async def forget(db: Database, group: str, member: str) -> None:
    await db.execute(delete(entries).where(entries.c.group == group, entries.c.member == member))
