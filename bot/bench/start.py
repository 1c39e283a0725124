"""Bench: `start`: until ready, with a database of a gigabyte."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from bot.bench.figures import Line, peak_mb
from bot.bench.talk import TALK
from bot.bench.world import GROUPS, MEMBERS, member, running

TARGET = 1_000_000_000
"""Bytes of the file."""


async def measure() -> list[Line]:
    """From opening the file to the first event taken, cold caches of the process."""
    with tempfile.TemporaryDirectory(prefix="shequn-bench-") as place:
        database = Path(place) / "big.db"
        async with running(database):
            pass
        _fill(database)
        size = database.stat().st_size
        began = perf_counter()
        async with running(database):
            seconds = perf_counter() - began
    return [
        {
            "bench": "start",
            "work": f"{size / 1e9:.2f} GB database, {GROUPS} groups of {MEMBERS} compared with their lists",
            "count": 1,
            "seconds": round(seconds, 3),
            "peak_mb": round(peak_mb()),
            "limit": "< 3 s",
        }
    ]


def _fill(database: Path) -> None:
    """Old messages until the file is as large as wanted."""
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA synchronous=OFF")
        now, number = int(datetime.now(UTC).timestamp() * 1000), 0
        while database.stat().st_size < TARGET:
            rows = []
            for _ in range(100_000):
                number += 1
                group = number % GROUPS
                text = TALK[number % len(TALK)] * 3
                sender = member(group, number % MEMBERS).id
                rows.append((f"old:{number:012}", f"g{group}", sender, now - number * 100, "text", text))
            db.executemany('INSERT INTO messages (id, "group", sender, at, kind, text) VALUES (?, ?, ?, ?, ?, ?)', rows)
            db.commit()
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
