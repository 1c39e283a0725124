"""Plugin: stats: the members' tags, read and written."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select

from bot.context import Database
from bot.storage.tables import upsert as insert
from plugins.stats.tables import tags


async def of_member(db: Database, group: str, member: str) -> list[str]:
    mine = select(tags.c.tag).where(tags.c.group == group, tags.c.member == member).order_by(tags.c.at, tags.c.tag)
    return [row.tag for row in await db.execute(mine)]


async def with_tag(db: Database, group: str, tag: str) -> list[str]:
    """Ids of those who have the tag."""
    found = select(tags.c.member).where(tags.c.group == group, tags.c.tag == tag).order_by(tags.c.at)
    return [row.member for row in await db.execute(found)]


async def counts(db: Database, group: str) -> list[tuple[str, int]]:
    """The group's tags and how many have each, the most frequent first."""
    counted = (
        select(tags.c.tag, func.count().label("times"))
        .where(tags.c.group == group)
        .group_by(tags.c.tag)
        .order_by(func.count().desc(), tags.c.tag)
        .limit(30)
    )
    return [(row.tag, int(row.times)) for row in await db.execute(counted)]


async def add(db: Database, group: str, member: str, tag: str, by: str, at: datetime) -> None:
    row = {"group": group, "member": member, "tag": tag, "by": by, "at": at}
    await db.execute(insert(tags).values(row).on_conflict_do_nothing())


async def remove(db: Database, group: str, member: str, tag: str) -> None:
    await db.execute(delete(tags).where(tags.c.group == group, tags.c.member == member, tags.c.tag == tag))
