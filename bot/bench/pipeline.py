"""Bench: `pipeline`: messages through every plugin onto the disk, in a burst and at a steady rate.

With `DATABASE_URL` onto that server, in a schema `shequn_bench` that is gone afterwards.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

from sqlalchemy import func, select

from bot.app import App
from bot.bench.figures import Line, Stopwatch, bare_commits, bare_loop, latencies, peak_mb
from bot.bench.world import messages, running
from bot.storage.server import Server
from bot.storage.tables import messages as messages_stored
from bot.storage.work import Work

BURST = 20_000
STEADY = ((200, 5), (750, 4))
"""Messages a second, seconds."""
IN_FLIGHT = 2_000
"""As many as the transport keeps on their way at once in a burst."""


async def measure() -> list[Line]:
    """Burst and steady figures, with the bare limits of the same run."""
    with tempfile.TemporaryDirectory(prefix="shequn-bench-") as place:
        folder = Path(place)
        lines: list[Line] = []
        payload = "今天天气不错，适合出去走走 wxid_00123 g1 msg:m123"
        commits, loop = await bare_commits(folder, 2_000, payload), await bare_loop(100_000)
        async with _server() as server, running(folder / "pipeline.db", server=server) as app:
            lines.append(await _burst(app, commits, loop))
            for number, (rate, seconds) in enumerate(STEADY):
                lines.append(await _steady(app, rate, seconds, number))
            total = BURST + sum(rate * seconds for rate, seconds in STEADY)
            kept = await app.writer.run(_kept)
        for line in lines:
            line["lost"] = total - kept
            line["database"] = "file" if server is None else "server"
            line["peak_mb"] = round(peak_mb())
        return lines


@asynccontextmanager
async def _server() -> AsyncIterator[Server | None]:
    """The one that the environment names, with an empty schema for us."""
    server = Server.of(os.environ.get("DATABASE_URL", ""), "bench")
    if server is None:
        yield None
        return
    await _drop(server)
    try:
        yield server
    finally:
        await _drop(server)


async def _drop(server: Server) -> None:
    connection = await server.connect()
    try:
        await connection.execute(f"DROP SCHEMA IF EXISTS {server.schema} CASCADE")
    finally:
        await connection.close()


async def _kept(work: Work) -> int:
    found = select(func.count()).select_from(messages_stored).where(messages_stored.c.kind != "own")
    return int((await work.execute(found)).scalar_one())


async def _burst(app: App, commits: float, loop: float) -> Line:
    events = list(messages(BURST, datetime.now(UTC)))
    watch = Stopwatch(IN_FLIGHT)
    commits_before = app.writer.commits
    started, cpu = perf_counter(), process_time()
    for event in events:
        await watch.room.acquire()
        watch.watch(app.dispatcher.submit(event))
    await watch.all_done()
    seconds = perf_counter() - started
    rate = BURST / seconds
    return {
        "bench": "pipeline",
        "work": "burst",
        "count": BURST,
        "per_s": round(rate),
        "us_each": round(seconds / BURST * 1e6, 1),
        "cpu_us_each": round((process_time() - cpu) / BURST * 1e6, 1),
        **latencies(watch.took),
        "commits": app.writer.commits - commits_before,
        "limit": "bare aiosqlite commits/s, bare loop events/s",
        "bare_commits_per_s": round(commits),
        "bare_loop_per_s": round(loop),
        "times_bare_commits": round(rate / commits, 2),
        "share_of_bare_loop": round(rate / loop, 4),
    }


async def _steady(app: App, rate: int, seconds: int, number: int) -> Line:
    count = rate * seconds
    watch = Stopwatch()
    start = perf_counter()
    for place, event in enumerate(messages(count, datetime.now(UTC), seed=number + 2, prefix=f"s{number}-")):
        due = start + place / rate
        if (wait := due - perf_counter()) > 0:
            await asyncio.sleep(wait)
        watch.watch(app.dispatcher.submit(event))
    await watch.all_done()
    return {
        "bench": "pipeline",
        "work": f"steady {rate}/s",
        "count": count,
        "per_s": round(count / (perf_counter() - start)),
        **latencies(watch.took),
        "limit": "p95 < 25 ms",
    }
