"""Bench: `flood`: one member floods a group; one thing is done about it and the others do not notice."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter

from bot.bench.figures import Line, Stopwatch, latencies, peak_mb, rows_in
from bot.bench.world import GROUPS, member, messages, running
from bot.clock import ManualClock
from bot.events import MessageReceived

COUNT, OTHERS = 10_000, 1_000
PER_SECOND, OTHERS_PER_SECOND, SECONDS, TICKS = 5_000, 100, 3, 50


async def measure() -> list[Line]:
    """10,000 messages of one member in ten seconds, among 1,000 of others; one group's 5,000/s beside nineteen."""
    quiet = await _beside(0)
    loud = await _beside(PER_SECOND)
    ratio = round(float(str(loud["p99_ms"])) / max(float(str(quiet["p99_ms"])), 0.01), 2)
    others = {"count": OTHERS_PER_SECOND * SECONDS, "quiet_p99_ms": quiet["p99_ms"], **loud, "times_quiet": ratio}
    beside = {"bench": "flood", "work": f"the others beside one group's {PER_SECOND:,}/s", **others}
    return [await _one_member(), {**beside, "peak_mb": round(peak_mb()), "limit": "p99 of the others < 3 x quiet"}]


async def _beside(rate: int) -> Line:
    """How long the others' messages take while one group sends so many a second."""
    with tempfile.TemporaryDirectory(prefix="shequn-bench-") as place:
        async with running(Path(place) / "beside.db") as app:
            now = datetime.now(UTC)
            # Made beforehand: to make them takes as long as to handle them.
            others = messages(2 * OTHERS_PER_SECOND * SECONDS, now, rare=0, prefix="other")
            talk = iter([event for event in others if event.group != "g0"])
            flood = iter([_of_one_group(event) for event in messages(rate * SECONDS, now, rare=0, prefix="flood")])
            for event in messages(GROUPS, now, rare=0, prefix="first"):
                await app.handle(event)
            watch, loud, begun = Stopwatch(), Stopwatch(), perf_counter()
            for tick in range(SECONDS * TICKS):
                await asyncio.sleep(max(begun + tick / TICKS - perf_counter(), 0))
                for event in islice(flood, rate // TICKS):
                    loud.watch(app.dispatcher.submit(event))
                for event in islice(talk, OTHERS_PER_SECOND // TICKS):
                    watch.watch(app.dispatcher.submit(event))
            await watch.all_done()
            if rate:
                await loud.all_done()
            return latencies(watch.took)


def _of_one_group(event: MessageReceived) -> MessageReceived:
    return replace(event, group="g0", sender=replace(event.sender, id=f"wxid_00{event.sender.id[-3:]}"))


async def _one_member() -> Line:
    start = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="shequn-bench-") as place:
        database = Path(place) / "flood.db"
        async with running(database, ManualClock(start)) as app:
            flooder = member(0, 1)
            others = messages(OTHERS, start, rare=0, prefix="other")
            watch = Stopwatch()
            waiting: list[asyncio.Future[None]] = []
            began = perf_counter()
            for number in range(COUNT):
                at = start + timedelta(milliseconds=number)
                waiting.append(
                    app.dispatcher.submit(
                        MessageReceived(id=f"f{number}", at=at, group="g0", sender=flooder, text=f"刷屏 {number % 7}")
                    )
                )
                if number % (COUNT // OTHERS) == 0:
                    watch.watch(app.dispatcher.submit(next(others)))
                    await asyncio.sleep(0)
                if len(waiting) >= 200:
                    await asyncio.gather(*waiting)
                    waiting.clear()
            await asyncio.gather(*waiting)
            await watch.all_done()
            seconds = perf_counter() - began
            await app.settle()
        about = f"""payload LIKE '%"{flooder.id}"%'"""
        actions = rows_in(database, f"outbox WHERE kind IN ('say', 'remove') AND priority <= 10 AND {about}")
    return {
        "bench": "flood",
        "work": "10,000 by one member in 10 s",
        "count": COUNT + OTHERS,
        "per_s": round((COUNT + OTHERS) / seconds),
        **latencies(watch.took),
        "actions": actions,
        "peak_mb": round(peak_mb()),
        "limit": "one action, p95 of the others < 50 ms",
    }
