"""Storage: settings of the groups, as an append-only list of versions; the newest of a key counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import desc, func, insert, select

from bot.storage.tables import settings
from bot.storage.work import Work

Overrides = dict[str, dict[str, Any]]
"""Group id ("" for all groups) → `section.key` → value; None means: back to the default."""


@dataclass(frozen=True, slots=True)
class Change:
    """One version of one key. `value` None takes an override back; `undoes` names the version it took back.

    batch: the same number for those made in one step. origin: what the step was, such as `预设 读书会`.
    """

    version: int
    group: str
    key: str
    value: Any
    at: datetime
    by: str
    undoes: int | None
    batch: int | None = None
    origin: str = ""


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


async def save_many(work: Work, group: str, values: Mapping[str, Any], *, at: datetime, by: str, origin: str) -> None:
    """Append a version of each key, all of one batch."""
    newest = select(func.coalesce(func.max(settings.c.version), 0))
    batch = int((await work.execute(newest, alone=True)).scalar_one()) + 1
    about = {"group": group, "at": at, "by": by, "undoes": None, "batch": batch, "origin": origin}
    for key, value in values.items():
        await work.execute(insert(settings).values({**about, "key": key, "value": value}), alone=True)


async def newest(work: Work, group: str, key: str) -> Change | None:
    """The version of a key that counts in this group."""
    of_key = select(settings).where(settings.c.group == group, settings.c.key == key)
    row = (await work.execute(of_key.order_by(desc(settings.c.version)).limit(1))).one_or_none()
    return None if row is None else Change(**row._mapping)


async def of(work: Work, group: str, version: int) -> Change | None:
    """One version of a group's settings."""
    one = select(settings).where(settings.c.group == group, settings.c.version == version)
    row = (await work.execute(one)).one_or_none()
    return None if row is None else Change(**row._mapping)


async def history(work: Work, group: str, limit: int) -> list[Change]:
    """The newest versions of a group's settings."""
    newest = select(settings).where(settings.c.group == group).order_by(desc(settings.c.version)).limit(limit)
    return [Change(**row._mapping) for row in await work.execute(newest)]


async def last_step(work: Work, group: str) -> list[Change]:
    """The newest change that is neither an undo nor already undone, with all that was made in the same step."""
    rows = await work.execute(
        select(settings).where(settings.c.group == group).order_by(desc(settings.c.version)).limit(500)
    )
    undone: set[int] = set()
    step: list[Change] = []
    for row in rows:
        if row.undoes is not None:
            undone.add(row.undoes)
        elif row.version not in undone and (not step or row.batch == step[0].batch):
            step.append(Change(**row._mapping))
            if row.batch is None:
                break
        elif step:
            break
    return step


async def value_before(work: Work, change: Change) -> Any:
    """What the key said before that change; None when it had no override."""
    before = (
        select(settings.c.value)
        .where(settings.c.group == change.group, settings.c.key == change.key, settings.c.version < change.version)
        .order_by(desc(settings.c.version))
        .limit(1)
    )
    return (await work.execute(before, alone=True)).scalar_one_or_none()
