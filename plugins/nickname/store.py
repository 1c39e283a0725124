"""Plugin: nickname: reading and writing who has been asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from bot.context import Database
from bot.storage.tables import upsert as insert
from plugins.nickname.tables import reminder


@dataclass(frozen=True, slots=True)
class Asked:
    """times: how often they were asked since their name last was right; last_at also survives a right name."""

    times: int = 0
    last_at: datetime | None = None
    listed_at: datetime | None = None
    noticed_at: datetime | None = None


NEVER = Asked()


async def of_group(db: Database, group: str) -> dict[str, Asked]:
    """By member id."""
    rows = await db.execute(select(reminder).where(reminder.c.group == group))
    return {row.member: Asked(row.times, row.last_at, row.listed_at, row.noticed_at) for row in rows}


async def write(db: Database, group: str, asked: Iterable[tuple[str, Asked]]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "group": group,
            "member": member,
            "times": each.times,
            "last_at": each.last_at,
            "listed_at": each.listed_at,
            "noticed_at": each.noticed_at,
        }
        for member, each in asked
    ]
    if not rows:
        return
    new = insert(reminder)
    values = {key: new.excluded[key] for key in ("times", "last_at", "listed_at", "noticed_at")}
    await db.execute(new.on_conflict_do_update(index_elements=["group", "member"], set_=values), rows)


async def take_back(db: Database, group: str) -> None:
    """Nobody of the group has been given notice any more."""
    await db.execute(update(reminder).where(reminder.c.group == group).values(noticed_at=None))


async def forget(db: Database, group: str, member: str) -> None:
    await db.execute(delete(reminder).where(reminder.c.group == group, reminder.c.member == member))
