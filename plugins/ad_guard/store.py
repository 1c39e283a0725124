"""Plugin: ad_guard: its tables, read and written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from bot.context import Database
from bot.storage.tables import upsert
from plugins.ad_guard.lesson import EVERYWHERE, Lesson
from plugins.ad_guard.near import Sketch
from plugins.ad_guard.tables import lessons, outcomes, seen
from plugins.ad_guard.trail import Sighting

LOADED = 2000
"""Sightings read back after a restart."""


def _lesson(row: Any) -> Lesson:
    sketch = Sketch(int(row.sketch, 16), row.text, not row.text)
    return Lesson(row.no, row.group, row.kind == "ad", sketch, row.sample, row.by_name, row.at)


async def in_force(db: Database) -> list[Lesson]:
    """Every lesson that counts, of all groups."""
    found = select(lessons).where(lessons.c.undone_at.is_(None)).order_by(lessons.c.no)
    return [_lesson(row) for row in await db.execute(found)]


async def listed(db: Database, group: str) -> list[Lesson]:
    """What counts in a group, newest first."""
    places = lessons.c.group.in_((group, EVERYWHERE))
    found = select(lessons).where(lessons.c.undone_at.is_(None), places).order_by(lessons.c.no.desc())
    return [_lesson(row) for row in await db.execute(found)]


async def count(db: Database, group: str) -> int:
    """How many lessons a group (or all groups) has."""
    found = select(func.count()).select_from(lessons)
    return int((await db.execute(found.where(lessons.c.undone_at.is_(None), lessons.c.group == group))).scalar_one())


async def learn(
    db: Database, group: str, is_ad: bool, sketch: Sketch, sample: str, by: tuple[str, str], at: datetime
) -> int:
    """Write a lesson down; returns its number. by: id and name."""
    row = {
        "group": group,
        "kind": "ad" if is_ad else "ham",
        "sketch": f"{sketch.bits:016x}",
        "text": sketch.text,
        "sample": sample,
        "by": by[0],
        "by_name": by[1],
        "at": at,
    }
    return int((await db.execute(insert(lessons).values(row).returning(lessons.c.no))).scalar_one())


async def undo(db: Database, numbers: Iterable[int], by: str, at: datetime) -> None:
    """Take lessons back; their rows stay, with who did it."""
    chosen = lessons.c.no.in_(list(numbers))
    await db.execute(update(lessons).where(chosen).values(undone_at=at, undone_by=by))


# ---- copies seen lately


def remember(db: Database, sketch: Sketch, sighting: Sighting) -> None:
    """Keep a sighting over a restart. Only the sketch is kept, not what was said."""
    db.add(
        seen,
        {
            "at": sighting.at,
            "group": sighting.group,
            "sender": sighting.sender,
            "message": sighting.message,
            "sketch": f"{'p' if sketch.picture else 't'}{sketch.bits:016x}",
        },
    )


async def remembered(db: Database, since: datetime) -> list[tuple[Sketch, Sighting]]:
    """Sightings since then, oldest first."""
    newest = select(seen).where(seen.c.at >= since).order_by(seen.c.no.desc()).limit(LOADED)
    rows = list(await db.execute(newest))[::-1]
    return [
        (
            Sketch(int(row.sketch[1:], 16), "", row.sketch[0] == "p"),
            Sighting(row.at, row.group, row.sender, row.message),
        )
        for row in rows
    ]


async def forget(db: Database, before: datetime) -> None:
    await db.execute(delete(seen).where(seen.c.at < before))


# ---- how cases end


async def note_case(db: Database, case: int, group: str, at: datetime, families: Iterable[str]) -> None:
    row = {"case": case, "group": group, "at": at, "families": sorted(families)}
    await db.execute(upsert(outcomes).values(row).on_conflict_do_nothing(index_elements=["case"]))


async def note_reversal(db: Database, case: int) -> list[str]:
    """Mark a case as a mistake; returns the families it rested on, none when it was marked before."""
    marked = update(outcomes).where(outcomes.c.case == case, outcomes.c.reversed == 0).values(reversed=1)
    row = (await db.execute(marked.returning(outcomes.c.families))).first()
    return [] if row is None else list(row.families)


async def record_of(db: Database, group: str, since: datetime) -> dict[str, tuple[int, int]]:
    """By family: cases that rested on it, and how many of them an admin found mistaken."""
    found = select(outcomes.c.families, outcomes.c.reversed).where(outcomes.c.group == group, outcomes.c.at >= since)
    tally: dict[str, tuple[int, int]] = {}
    for row in await db.execute(found.order_by(outcomes.c.case)):
        for family in row.families:
            cases, mistakes = tally.get(family, (0, 0))
            tally[family] = cases + 1, mistakes + row.reversed
    return tally
