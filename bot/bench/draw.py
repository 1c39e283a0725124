"""Bench: `draw`: a lottery with ten thousand entrants."""

from __future__ import annotations

import importlib
from time import perf_counter

from bot.bench.figures import Line

ENTRANTS = 10_000


async def measure() -> list[Line]:
    """Seconds for the winners, with everything that proves them."""
    lottery, model = (importlib.import_module(f"plugins.lottery.{name}") for name in ("draw", "model"))
    entrants = [f"wxid_{number:05}" for number in range(ENTRANTS)]
    tiers = [model.Tier("一等奖", 1), model.Tier("二等奖", 10), model.Tier("三等奖", 300)]
    began = perf_counter()
    lottery.draw("5" * 64, "L1", entrants, tiers)
    seconds = perf_counter() - began
    return [
        {
            "bench": "draw",
            "work": "10,000 entrants, 311 winners",
            "count": ENTRANTS,
            "seconds": round(seconds, 4),
            "limit": "< 1 s",
        }
    ]
