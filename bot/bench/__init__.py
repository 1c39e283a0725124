"""Bench: how fast and how small, measured against bare limits in the same run; never part of the tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module

NAMES = ("dispatch", "pipeline", "check", "flood", "schedule", "digest", "draw", "start")
"""Each is a module of this package with `async def measure() -> list[Line]`."""

Measure = Callable[[], Awaitable[list[Mapping[str, object]]]]


def measure_of(name: str) -> Measure:
    found: Measure = import_module(f"bot.bench.{name}").measure
    return found
