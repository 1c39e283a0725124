"""Plugin: introductions in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, literal, select

from bot.context import Database
from bot.storage.tables import upsert as insert
from plugins.introduction.introduction import FIELDS, Introduction
from plugins.introduction.tables import introductions

_COLUMNS = [introductions.c[field] for field in FIELDS]
MOST_FOUND = 100


def _introduction(row: Row[Any]) -> Introduction:
    return Introduction(**{field: getattr(row, field) for field in FIELDS})


async def get(db: Database, group: str, member: str) -> Introduction | None:
    mine = (introductions.c.group == group, introductions.c.member == member)
    found = (await db.execute(select(*_COLUMNS).where(*mine))).first()
    return _introduction(found) if found else None


async def kept(db: Database, group: str, member: str) -> tuple[Introduction, datetime] | None:
    """What is kept, and since when it is as it is."""
    mine = (introductions.c.group == group, introductions.c.member == member)
    found = (await db.execute(select(*_COLUMNS, introductions.c.updated_at).where(*mine))).first()
    return (_introduction(found), found.updated_at) if found else None


async def of(db: Database, group: str, members: Sequence[str]) -> list[tuple[str, Introduction]]:
    """Those of the members who have one, the first to write it first."""
    rows = await db.execute(
        select(introductions.c.member, *_COLUMNS)
        .where(introductions.c.group == group, introductions.c.member.in_(members))
        .order_by(introductions.c.created_at, introductions.c.member)
    )
    return [(row.member, _introduction(row)) for row in rows]


async def put(db: Database, group: str, member: str, introduction: Introduction, now: datetime) -> None:
    """Keep it, in the place of what was there."""
    row = {"group": group, "member": member, **asdict(introduction), "created_at": now, "updated_at": now}
    statement = insert(introductions).values(row)
    changed = {field: statement.excluded[field] for field in (*FIELDS, "updated_at")}
    await db.execute(statement.on_conflict_do_update(index_elements=["group", "member"], set_=changed))


async def remove(db: Database, group: str, member: str) -> bool:
    """False when there was none."""
    mine = (introductions.c.group == group, introductions.c.member == member)
    return (await db.execute(delete(introductions).where(*mine))).rowcount > 0


async def search(db: Database, group: str, words: Sequence[str]) -> list[tuple[str, Introduction]]:
    """Members and what they said, the latest first, where every word occurs in some field; at most a hundred."""
    everything: ColumnElement[str] = literal("")
    for column in _COLUMNS:
        everything = everything + " " + column
    rows = await db.execute(
        select(introductions.c.member, *_COLUMNS)
        .where(introductions.c.group == group, *(everything.icontains(word, autoescape=True) for word in words))
        .order_by(introductions.c.updated_at.desc(), introductions.c.member)
        .limit(MOST_FOUND)
    )
    return [(row.member, _introduction(row)) for row in rows]
