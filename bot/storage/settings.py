"""Storage: settings of the groups, as an append-only list of versions; the newest of a key counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import desc, insert, select

from bot.storage.tables import settings
from bot.storage.work import Work

Overrides = dict[str, dict[str, Any]]
"""Group id ("" for all groups) → `section.key` → value; None means: back to the default."""


@dataclass(frozen=True, slots=True)
class Change:
    """One version of one key. `value` None takes an override back; `undoes` names the version it took back."""

    version: int
    group: str
    key: str
    value: Any
    at: datetime
    by: str
    undoes: int | None


async def current(work: Work) -> Overrides:
    """Every override in force."""
    found: Overrides = {}
    rows = await work.execute(select(settings.c.group, settings.c.key, settings.c.value).order_by(settings.c.version))
    for row in rows:
        if row.value is None:
            found.get(row.group, {}).pop(row.key, None)
        else:
            found.setdefault(row.group, {})[row.key] = row.value
    return found


async def save(
    work: Work, group: str, key: str, value: Any, *, at: datetime, by: str, undoes: int | None = None
) -> int:
    """Append a version; returns its number."""
    row = {"group": group, "key": key, "value": value, "at": at, "by": by, "undoes": undoes}
    return int(
        (await work.execute(insert(settings).values(row).returning(settings.c.version), alone=True)).scalar_one()
    )


async def history(work: Work, group: str, limit: int) -> list[Change]:
    """The newest versions of a group's settings."""
    newest = select(settings).where(settings.c.group == group).order_by(desc(settings.c.version)).limit(limit)
    return [Change(**row._mapping) for row in await work.execute(newest)]


async def last_change(work: Work, group: str) -> Change | None:
    """The newest change that is neither an undo nor already undone."""
    rows = await work.execute(
        select(settings).where(settings.c.group == group).order_by(desc(settings.c.version)).limit(500)
    )
    undone: set[int] = set()
    for row in rows:
        if row.undoes is not None:
            undone.add(row.undoes)
        elif row.version not in undone:
            return Change(**row._mapping)
    return None


async def value_before(work: Work, change: Change) -> Any:
    """What the key said before that change; None when it had no override."""
    before = (
        select(settings.c.value)
        .where(settings.c.group == change.group, settings.c.key == change.key, settings.c.version < change.version)
        .order_by(desc(settings.c.version))
        .limit(1)
    )
    return (await work.execute(before, alone=True)).scalar_one_or_none()
