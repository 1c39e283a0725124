"""Bench: `schedule`: a burst of timers, ten thousand daily jobs, and how late the alarm rings."""

from __future__ import annotations

import asyncio
import gc
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import perf_counter, process_time, thread_time

from sqlalchemy import func, insert, select

from bot.actions import Action, SendText
from bot.app import App
from bot.bench.figures import Line, latencies, peak_mb, rows_in
from bot.bench.world import Nowhere
from bot.build import build_app
from bot.clock import Clock, ManualClock, SystemClock
from bot.context import Context
from bot.events import GatewayChanged, JobDue, TimerDue
from bot.plugin import Plugin, PluginSettings
from bot.settings import PLAYGROUND, load_settings
from bot.storage.tables import UtcDateTime, groups, jobs, timers
from bot.storage.work import Work

COUNT = 10_000
EACH = 25
"""Daily jobs of one group."""
RINGS, APART = 200, timedelta(milliseconds=10)
DAYS = 3


class Nothing(PluginSettings):
    """A plugin without settings."""


ringer = Plugin("ringer", Nothing, help="到点说一声")


@ringer.on(TimerDue)
async def ring(event: TimerDue, ctx: Context[Nothing]) -> AsyncIterator[Action]:
    if event.name.startswith("late"):
        ctx.memory[event.name] = datetime.now(UTC)
        return
    yield SendText(group=event.group, text=f"到点了 {event.name}")


daily = Plugin("daily", Nothing, help="每天说一声")


async def say(event: JobDue, ctx: Context[Nothing]) -> AsyncIterator[Action]:
    yield SendText(group=event.group, text="早")


for _number in range(EACH):
    daily.daily(lambda _: time(8), name=f"say{_number}", late=timedelta(hours=1))(say)


async def measure() -> list[Line]:
    """What each costs; the stall is the longest the loop ran without letting anything else have its turn."""
    return [await _burst(), await _daily(), await _wake()]


@asynccontextmanager
async def _app(place: str, clock: Clock, plugin: Plugin[Nothing]) -> AsyncIterator[App]:
    settings = load_settings(Path(place), [plugin], env={}, presets=PLAYGROUND)
    app = await build_app(settings, transport=Nowhere(), clock=clock, database=_database(place), plugins=[plugin])
    await app.start()
    # As the living bot does.
    gc.collect()
    gc.freeze()
    try:
        yield app
    finally:
        gc.unfreeze()
        await app.stop()


def _database(place: str) -> Path:
    return Path(place) / "s.db"


async def _burst() -> Line:
    """Until all of ten thousand timers due in one second are in the outbox."""
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="shequn-bench-") as place:
        clock = ManualClock(now)
        async with _app(place, clock, ringer) as app:
            await app.writer.run(lambda work: _plant(work, now))
            began = perf_counter()
            app.schedule.changed()
            await app.schedule.next_at()
            found = perf_counter() - began
            clock.set(now + timedelta(seconds=61))
            line = await _fired(app)
        return {
            "bench": "schedule",
            "work": "10,000 timers due in one second",
            **line,
            "in_outbox": rows_in(_database(place), "outbox"),
            "find_next_ms": round(found * 1000, 1),
            "limit": "≤ 1 s, stall ≤ 25 ms",
        }


async def _daily() -> Line:
    """Ten thousand daily jobs: planning them, starting with them, firing them, and whether they keep their time."""
    began_at = datetime(2026, 1, 5, tzinfo=UTC)
    with tempfile.TemporaryDirectory(prefix="shequn-bench-") as place:
        clock = ManualClock(began_at)
        async with _app(place, clock, daily) as app:
            await app.writer.run(lambda work: _found_groups(work, began_at))
        began = perf_counter()
        async with _app(place, clock, daily) as app:
            planned = perf_counter() - began
        began = perf_counter()
        async with _app(place, clock, daily) as app:
            started = perf_counter() - began
            drift = timedelta(0)
            for day in range(DAYS):
                due_at = datetime(2026, 1, 6 + day, tzinfo=UTC)
                clock.set(due_at + timedelta(seconds=1))
                line = await _fired(app)
                first, last = await app.writer.run(_next_times)
                tomorrow = due_at + timedelta(days=1)
                drift = max(drift, abs(first - tomorrow), abs(last - tomorrow))
    return {
        "bench": "schedule",
        "work": f"{COUNT // EACH} groups of {EACH} daily jobs, the last of {DAYS} days",
        **line,
        "first_start_s": round(planned, 2),
        "start_s": round(started, 2),
        "drift_ms": round(drift.total_seconds() * 1000, 3),
        "limit": "≤ 1 s, stall ≤ 25 ms, no drift",
    }


async def _wake() -> Line:
    """How long after their time timers are handed over, by the real clock."""
    with tempfile.TemporaryDirectory(prefix="shequn-bench-") as place:
        async with _app(place, SystemClock(), ringer) as app:
            first = datetime.now(UTC) + timedelta(seconds=1)
            due = {f"late{n}": first + n * APART for n in range(RINGS)}
            running = asyncio.create_task(app.run())
            await app.handle(GatewayChanged(id="up", at=datetime.now(UTC), up=True))
            await app.writer.run(lambda work: _plant_spaced(work, due))
            app.schedule.changed()
            rung = app.dispatcher.room.memory.setdefault("ringer", {})
            while len(rung) < RINGS:  # noqa: ASYNC110  nobody tells us when the last has rung
                await asyncio.sleep(0.05)
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            late = [(rung[name] - at).total_seconds() for name, at in due.items()]
    return {
        "bench": "schedule",
        "work": f"{RINGS} timers 10 ms apart, real clock: how late each is handed over",
        "count": RINGS,
        **latencies(late),
        "early": sum(1 for seconds in late if seconds < 0),
        "peak_mb": round(peak_mb()),
        "limit": "none early, p99 ≤ 1 s",
    }


async def _fired(app: App) -> Line:
    stall = [0.0, 0.0]
    watcher = asyncio.create_task(_watch(stall))
    began, cpu = perf_counter(), process_time()
    fired = await app.schedule.fire_due()
    seconds, spent = perf_counter() - began, process_time() - cpu
    watcher.cancel()
    return {
        "count": fired,
        "per_s": round(fired / seconds),
        "seconds": round(seconds, 3),
        "cpu_us_each": round(spent / max(fired, 1) * 1e6, 1),
        "stall_ms": round(stall[0] * 1000, 1),
        "stall_cpu_ms": round(stall[1] * 1000, 1),
        "peak_mb": round(peak_mb()),
    }


async def _plant(work: Work, now: datetime) -> None:
    due_at = now + timedelta(seconds=60)
    await work.execute(insert(timers), [_timer(f"g{n % 300}", f"t{n}", due_at) for n in range(COUNT)])


async def _plant_spaced(work: Work, due: dict[str, datetime]) -> None:
    await work.execute(insert(timers), [_timer("g0", name, at) for name, at in due.items()])


def _timer(group: str, name: str, due_at: datetime) -> dict[str, object]:
    return {"plugin": "ringer", "group": group, "name": name, "due_at": due_at, "payload": {}}


async def _found_groups(work: Work, now: datetime) -> None:
    rows = [{"id": f"g{n}", "topic": f"读书群 {n}", "size": 3, "first_seen_at": now} for n in range(COUNT // EACH)]
    await work.execute(insert(groups), rows)


async def _next_times(work: Work) -> tuple[datetime, datetime]:
    first, last = func.min(jobs.c.next_at, type_=UtcDateTime()), func.max(jobs.c.next_at, type_=UtcDateTime())
    row = (await work.execute(select(first.label("first"), last.label("last")))).one()
    return row.first, row.last


async def _watch(stall: list[float]) -> None:
    """The longest turn of anything else, by the clock on the wall and by what it cost this thread."""
    while True:
        before, cost = perf_counter(), thread_time()
        await asyncio.sleep(0.001)
        stall[0] = max(stall[0], perf_counter() - before - 0.001)
        stall[1] = max(stall[1], thread_time() - cost)
