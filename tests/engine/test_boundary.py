"""Test: who fails all the time rests for a while; enforcement goes on, and nobody can switch it off from outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.actions import Action, SendText
from bot.events import MessageReceived
from bot.plugin import Context, Plugin
from tests.engine.stage import make_plugin, parrot, running_app


def breaking(calls: list[str], *, guard: bool, name: str = "breaking") -> Plugin[Any]:
    plugin = make_plugin(name)

    @plugin.on(MessageReceived, guard=guard)
    async def look(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        calls.append(event.text)
        if event.text.startswith("break"):
            raise RuntimeError("broken")
        yield SendText(group=event.group, text=f"seen {event.text}")

    return plugin


async def test_a_handler_that_always_fails_rests_and_comes_back(tmp_path: Path):
    calls: list[str] = []
    told: list[tuple[str, datetime]] = []
    async with running_app(tmp_path, breaking(calls, guard=False), parrot()) as stage:
        stage.app.dispatcher.boundary.on_rest.append(lambda name, until: told.append((name, until)))
        for number in range(15):
            await stage.say(f"break {number}")
        await stage.say("say 还在")
        assert len(calls) == 10
        assert [name for name, _ in told] == ["breaking.look"]
        assert stage.far.texts() == ["还在"]
        await stage.after(minutes=10)
        await stage.say("well")
        assert stage.far.texts()[-1] == "seen well"


async def test_a_few_failures_among_much_else_are_no_reason(tmp_path: Path):
    calls: list[str] = []
    async with running_app(tmp_path, breaking(calls, guard=False)) as stage:
        for number in range(40):
            await stage.say("break" if number % 4 == 0 else "fine")
        assert len(calls) == 40


async def test_failures_far_apart_are_no_reason(tmp_path: Path):
    calls: list[str] = []
    async with running_app(tmp_path, breaking(calls, guard=False)) as stage:
        for _ in range(15):
            await stage.say("break")
            await stage.after(minutes=2)
        assert len(calls) == 15


async def test_a_guard_is_never_switched_off_by_messages_that_break_it(tmp_path: Path):
    calls: list[str] = []
    async with running_app(tmp_path, breaking(calls, guard=True, name="some_guard")) as stage:
        for _ in range(30):
            await stage.say("break")
        assert len(calls) == 30


async def test_a_plugin_that_hangs_rests_as_a_whole(tmp_path: Path):
    plugin = make_plugin("hanging_guard")
    calls: list[str] = []

    @plugin.guard(MessageReceived)
    async def hang(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        calls.append(event.text)
        await asyncio.Event().wait()
        yield SendText(group=event.group, text="never")

    async with running_app(tmp_path, plugin, parrot()) as stage:
        stage.app.dispatcher.time_limit = timedelta(milliseconds=10)
        for number in range(3):
            with pytest.raises(TimeoutError):
                await stage.say(f"say {number}")
        stage.app.dispatcher.time_limit = timedelta(seconds=10)
        await stage.say("say 还在")
        assert calls == ["say 0", "say 1", "say 2"]
        assert stage.far.texts() == ["还在"]
