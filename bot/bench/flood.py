"""Bench: `flood`: one member floods a group; one thing is done about it and the others do not notice."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from bot.bench.figures import Line, Stopwatch, latencies, peak_mb, rows_in
from bot.bench.world import member, messages, running
from bot.clock import ManualClock
from bot.events import MessageReceived

COUNT, OTHERS = 10_000, 1_000


async def measure() -> list[Line]:
    """10,000 messages of one member in ten seconds, among 1,000 of others."""
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
        actions = rows_in(database, "outbox WHERE kind IN ('say', 'remove') AND priority <= 10")
    return [
        {
            "bench": "flood",
            "work": "10,000 by one member in 10 s",
            "count": COUNT + OTHERS,
            "per_s": round((COUNT + OTHERS) / seconds),
            **latencies(watch.took),
            "actions": actions,
            "peak_mb": round(peak_mb()),
            "limit": "one action, p95 of the others < 50 ms",
        }
    ]
