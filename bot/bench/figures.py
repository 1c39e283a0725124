"""Bench: percentiles, memory, and the bare limits that figures are held against."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from time import perf_counter

Line = dict[str, object]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0–1) of the values lie; 0 for none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def peak_mb() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def latencies(seconds: Sequence[float]) -> Line:
    """p50, p95 and p99 in milliseconds."""
    return {f"p{round(share * 100)}_ms": round(percentile(seconds, share) * 1000, 2) for share in (0.5, 0.95, 0.99)}


async def bare_loop(count: int) -> float:
    """Events a second through a queue and one handler that does nothing."""
    queue: asyncio.Queue[int] = asyncio.Queue()

    async def handler(_event: int) -> None:
        return

    async def consume() -> None:
        for _ in range(count):
            await handler(await queue.get())

    started = perf_counter()
    consumer = asyncio.create_task(consume())
    for number in range(count):
        queue.put_nowait(number)
    await consumer
    return count / (perf_counter() - started)


async def bare_commits(folder: Path, count: int, payload: str) -> float:
    """Durable commits a second of one such row each, by aiosqlite, 64 callers waiting at a time."""
    import aiosqlite  # whoever only counts needs no database

    path = folder / "bare.db"
    async with aiosqlite.connect(path, isolation_level=None) as db:
        await db.execute("PRAGMA journal_mode=WAL")
        await db.execute("PRAGMA synchronous=FULL")
        await db.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, body TEXT)")
        turn = asyncio.Semaphore(1)

        async def write(share: int) -> None:
            for _ in range(share):
                async with turn:
                    await db.execute("BEGIN IMMEDIATE")
                    await db.execute("INSERT INTO bare (body) VALUES (?)", (payload,))
                    await db.execute("COMMIT")

        started = perf_counter()
        await asyncio.gather(*(write(count // 64) for _ in range(64)))
        return (count // 64 * 64) / (perf_counter() - started)


class Stopwatch:
    """Notes how long each of many futures took; `room` bounds how many are under way."""

    def __init__(self, room: int = 1_000_000) -> None:
        self.took: list[float] = []
        self.room = asyncio.Semaphore(room)
        self._idle = asyncio.Event()
        self._pending = 0

    def watch(self, done: asyncio.Future[None]) -> None:
        self._pending += 1
        self._idle.clear()
        done.add_done_callback(partial(self._note, perf_counter()))

    def _note(self, since: float, _done: asyncio.Future[None]) -> None:
        self.took.append(perf_counter() - since)
        self._pending -= 1
        self.room.release()
        if not self._pending:
            self._idle.set()

    async def all_done(self) -> None:
        await self._idle.wait()


def rows_in(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608  our own table names
