"""Bench: `schedule`: ten thousand timers due in the same second."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time

from sqlalchemy import insert

from bot.actions import Action, SendText
from bot.bench.figures import Line, peak_mb, rows_in
from bot.bench.world import Nowhere
from bot.build import build_app
from bot.clock import ManualClock
from bot.context import Context
from bot.events import TimerDue
from bot.plugin import Plugin, PluginSettings
from bot.settings import PLAYGROUND, load_settings
from bot.storage.tables import timers
from bot.storage.work import Work

COUNT = 10_000


class Nothing(PluginSettings):
    """A plugin without settings."""


ringer = Plugin("ringer", Nothing, help="到点说一声")


@ringer.on(TimerDue)
async def ring(event: TimerDue, ctx: Context[Nothing]) -> AsyncIterator[Action]:
    yield SendText(group=event.group, text=f"到点了 {event.name}")


async def measure() -> list[Line]:
    """Time until all are in the outbox, and the longest the loop stood still."""
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="shequn-bench-") as place:
        settings = load_settings(Path(place), [ringer], env={}, presets=PLAYGROUND)
        database, clock = Path(place) / "s.db", ManualClock(now)
        app = await build_app(settings, transport=Nowhere(), clock=clock, database=database, plugins=[ringer])
        await app.start()
        try:
            await app.writer.run(lambda work: _plant(work, now))
            began = perf_counter()
            app.schedule.changed()
            await app.schedule.next_at()
            found = perf_counter() - began
            clock.set(now + timedelta(seconds=61))
            stall: list[float] = [0.0]
            watcher = asyncio.create_task(_watch(stall))
            began, cpu = perf_counter(), process_time()
            fired = await app.schedule.fire_due()
            seconds, spent = perf_counter() - began, process_time() - cpu
            watcher.cancel()
        finally:
            await app.stop()
        written = rows_in(database, "outbox")
    return [
        {
            "bench": "schedule",
            "work": "10,000 timers due in one second",
            "count": fired,
            "per_s": round(fired / seconds),
            "seconds": round(seconds, 3),
            "cpu_us_each": round(spent / COUNT * 1e6, 1),
            "in_outbox": written,
            "stall_ms": round(stall[0] * 1000, 1),
            "find_next_ms": round(found * 1000, 1),
            "peak_mb": round(peak_mb()),
            "limit": "≤ 1 s, stall ≤ 25 ms",
        }
    ]


async def _plant(work: Work, now: datetime) -> None:
    rows = [
        {
            "plugin": "ringer",
            "group": f"g{n % 300}",
            "name": f"t{n}",
            "due_at": now + timedelta(seconds=60),
            "payload": {},
        }
        for n in range(COUNT)
    ]
    await work.execute(insert(timers), rows)


async def _watch(stall: list[float]) -> None:
    while True:
        before = perf_counter()
        await asyncio.sleep(0.001)
        stall[0] = max(stall[0], perf_counter() - before - 0.001)
