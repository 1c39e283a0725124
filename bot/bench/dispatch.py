"""Bench: `dispatch`: what handing an event to isolated plugins costs, without storage."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bot.actions import Action
from bot.app import App
from bot.bench.figures import Line, bare_loop
from bot.bench.world import Nowhere, messages
from bot.build import build_app
from bot.clock import SystemClock
from bot.context import Context
from bot.events import MessageReceived
from bot.plugin import Plugin, PluginSettings
from bot.policy import Proposal
from bot.settings import PLAYGROUND, load_settings
from bot.storage.work import Work

COUNT = 10_000


class Nothing(PluginSettings):
    """A plugin without settings."""


def _listeners(count: int) -> list[Plugin[Any]]:
    plugins: list[Plugin[Any]] = []
    for number in range(count):
        plugin = Plugin(f"listener_{number}", Nothing, help="只听不说")

        @plugin.on(MessageReceived)
        async def listen(event: MessageReceived, ctx: Context[Nothing]) -> AsyncIterator[Action]:
            if event.text == "nobody says this":
                yield ctx.reply(event, "")

        plugins.append(plugin)
    return plugins


async def measure() -> list[Line]:
    """CPU per event for 6 and for 20 plugins, held against the bare loop."""
    loop = await bare_loop(100_000)
    return [await _measure(count, loop) for count in (6, 20)]


async def _measure(count: int, loop: float) -> Line:
    plugins = _listeners(count)
    with tempfile.TemporaryDirectory(prefix="shequn-bench-") as place:
        settings = load_settings(Path(place), plugins, env={}, presets=PLAYGROUND)
        app = await build_app(
            settings, transport=Nowhere(), clock=SystemClock(), database=Path(place) / "d.db", plugins=plugins
        )
        await app.start()
        try:
            cpu, wall = await app.writer.run(lambda work: _offer_all(app, work))
        finally:
            await app.stop()
    return {
        "bench": "dispatch",
        "work": f"{count} plugins, no storage",
        "count": COUNT,
        "per_s": round(COUNT / wall),
        "cpu_us_each": round(cpu / COUNT * 1e6, 1),
        "limit": "≤ 25 µs for 6, ≤ 60 µs for 20",
        "bare_loop_per_s": round(loop),
    }


async def _offer_all(app: App, work: Work) -> tuple[float, float]:
    events = list(messages(COUNT, datetime.now(UTC), rare=0))
    proposals: list[Proposal] = []
    cpu, wall = process_time(), perf_counter()
    for event in events:
        await app.dispatcher.rounds.offer(work, event, proposals)
    return process_time() - cpu, perf_counter() - wall
