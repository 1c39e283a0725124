"""Bench: `check`: what judging a message costs, apart from everything else."""

from __future__ import annotations

import importlib
from time import process_time, thread_time

from bot.bench.figures import Line, peak_mb, percentile
from bot.bench.talk import RARE, TALK

ROUNDS = 300
WORST = ("★" * 65536, "加" * 65536, "1" * 65536, "薇❤" * 32768)


async def measure() -> list[Line]:
    """Microseconds of one core a message for ordinary talk, and the worst case of 64 kB; loading with the model.

    The memory is that of a process that only judges, as `shequn check` is.
    """
    began = process_time()
    guard = importlib.import_module("plugins.ad_guard.judge")
    message, context = guard.Message, guard.JudgeContext()
    guard.judge(message(text="早"), context)
    loading = process_time() - began
    texts = [*TALK * 10, *RARE]
    took: list[float] = []
    for _ in range(ROUNDS // 10):
        for text in texts:
            since = thread_time()
            guard.judge(message(text=text), context)
            took.append(thread_time() - since)
    worst = []
    for text in WORST:
        since = thread_time()
        guard.judge(message(text=text), context)
        worst.append(thread_time() - since)
    return [
        {
            "bench": "check",
            "work": "ordinary talk, one core",
            "count": len(took),
            "us_p50": round(percentile(took, 0.5) * 1e6, 1),
            "us_p95": round(percentile(took, 0.95) * 1e6, 1),
            "us_p99": round(percentile(took, 0.99) * 1e6, 1),
            "worst_64kb_ms": round(max(worst) * 1000, 1),
            "load_s": round(loading, 3),
            "peak_mb": round(peak_mb()),
            "limit": "p50 < 150 µs, 64 kB < 20 ms, load < 0.3 s, < 80 MB",
        }
    ]
