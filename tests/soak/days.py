"""Test: days of many groups in virtual time, through the whole bot on a real file; prints a JSON line for each day.

Run as `python -m tests.soak.days FOLDER DAYS GROUPS MESSAGES ARCHIVE_DAYS`; messages are per group and day.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import monotonic

import psutil

from bot.app import App
from bot.bench.talk import RARE, TALK
from bot.bench.world import Nowhere
from bot.build import build_app
from bot.clock import ManualClock
from bot.events import Event, MemberJoined, MemberLeft, MessageReceived, RedPacketSent, RosterSeen
from bot.housekeeping import Housekeeping
from bot.loader import find_plugins
from bot.model import Member, Role
from bot.settings import PLAYGROUND, load_settings
from bot.shipped import shipped

START = datetime(2026, 1, 4, 16, 0, tzinfo=UTC)
"""Midnight in Shanghai."""
SLOT = timedelta(minutes=10)
MEMBERS, TALKERS = 200, 40
"""In each group; those who talk are known after the first day."""
OWNER = Member("owner", "群主", Role.OWNER)


@dataclass(frozen=True)
class Size:
    days: int
    groups: int
    messages: int
    archive_days: int


def _person(group: int, number: int) -> Member:
    return Member(f"wxid_{group:03}_{number:03}", f"群友{number}")


def slot_of(size: Size, day: int, slot: int) -> Iterator[Event]:
    """What happens in these ten minutes: talk by day and little at night, now and then something else."""
    chance = Random(f"{day}-{slot}")  # noqa: S311  the same days in every run
    begin = START + timedelta(days=day) + SLOT * slot
    hour = slot * SLOT.seconds / 3600
    weight = 0.1 if hour < 7 else 1.3
    for group in range(size.groups):
        expected = size.messages / (24 * 6) * weight * 1.05
        for no in range(int(expected) + (chance.random() < expected % 1)):
            name = f"{day}-{slot}-{group}-{no}"
            at, who = begin + SLOT * chance.random(), _person(group, chance.randrange(TALKERS))
            dice = chance.random()
            if dice < 0.002:
                yield MemberJoined(id=f"j{name}", at=at, group=f"g{group}", member=_newcomer(name))
            elif dice < 0.003:
                yield MemberLeft(id=f"l{name}", at=at, group=f"g{group}", member=who)
            elif dice < 0.005:
                yield RedPacketSent(id=f"p{name}", at=at, group=f"g{group}", sender=who)
            else:
                text = chance.choice(RARE) if dice < 0.02 else f"{chance.choice(TALK)} {no}"
                yield MessageReceived(id=f"m{name}", at=at, group=f"g{group}", sender=who, text=text)


def _newcomer(name: str) -> Member:
    return Member(f"wxid_new_{name}", f"新人{name}")


class Watch:
    """What must stay as it is from one day to the next."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.wal = 0

    def look(self) -> None:
        wal = self.database.with_name(self.database.name + "-wal")
        self.wal = max(self.wal, wal.stat().st_size if wal.exists() else 0)

    def figures(self) -> dict[str, object]:
        gc.collect()
        # What is free goes back, so that what is held is seen and not what was once needed.
        ctypes.CDLL(None).malloc_trim(0)
        with closing(sqlite3.connect(self.database)) as db:
            pages, free, size = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in _PAGES)
            kept = db.execute("SELECT count(*) FROM messages WHERE kind <> 'own'").fetchone()[0]
        return {
            "rss_mb": round(psutil.Process().memory_info().rss / 1e6, 1),
            "tasks": len(asyncio.all_tasks()),
            "threads": threading.active_count(),
            "descriptors": len(os.listdir("/proc/self/fd")),
            "wal_mb": round(self.wal / 1e6, 1),
            "file_mb": round(pages * size / 1e6, 1),
            "used_mb": round((pages - free) * size / 1e6, 1),
            "kept": kept,
        }


_PAGES = ("page_count", "freelist_count", "page_size")


async def open_app(database: Path, clock: ManualClock, **values: object) -> App:
    """Every plugin, as delivered, on this file."""
    plugins = find_plugins()
    overrides = {key.replace("__", "."): value for key, value in {"bot__owners": ["owner"], **values}.items()}
    settings = load_settings(shipped("config"), plugins, env={}, overrides=overrides, presets=PLAYGROUND)
    app = await build_app(settings, transport=Nowhere(), clock=clock, database=database, plugins=plugins, seed="soak")
    await app.start()
    return app


async def live(folder: Path, size: Size) -> None:
    clock = ManualClock(START)
    database = folder / "shequn.db"
    # So many lively groups say more than a careful account may in a day; what waits for that is no leak.
    app = await open_app(database, clock, storage__archive_days=size.archive_days, pacing__per_day=100_000)
    kept = Housekeeping(app.writer, clock, app.settings.storage)
    for group in range(size.groups):
        people = (OWNER, *(_person(group, number) for number in range(MEMBERS)))
        await app.handle(
            RosterSeen(id=f"roster{group}", at=START, group=f"g{group}", members=people, topic=f"群{group}")
        )
    watch, said = Watch(database), 0
    for day in range(size.days):
        began = monotonic()
        for slot in range(24 * 6):
            events = sorted(slot_of(size, day, slot), key=lambda event: event.at)
            said += sum(isinstance(event, MessageReceived) for event in events)
            for first in range(0, len(events), 500):
                await asyncio.gather(*(app.handle(event) for event in events[first : first + 500]))
            await app.advance(START + timedelta(days=day) + SLOT * (slot + 1))
            watch.look()
        await kept.sweep()
        await app.upkeep.index()
        watch.look()
        line = {"day": day + 1, "said": said, **watch.figures(), "waiting": len(app.courier.rows)}
        sys.stdout.write(json.dumps({**line, "seconds": round(monotonic() - began, 1)}) + "\n")
        sys.stdout.flush()
    await app.stop()


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), Size(*map(int, sys.argv[2:6]))))
