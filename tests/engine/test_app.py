"""Test: the app whole: it lives with its far side, waits out a bad disk, and ends without losing anything."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import reception as reception_module
from bot.actions import Action, SendText
from bot.app import App
from bot.clock import SystemClock
from bot.errors import ConfigError, StorageError
from bot.events import Event, GatewayChanged, MessageReceived, TimerDue
from bot.model import Member
from bot.plugin import Call, Context
from bot.storage.tables import handled
from bot.transport import Deliver
from tests.engine.stage import ADMIN, FarSide, make_plugin, parrot, running_app
from tests.engine.test_dispatch import counter


@dataclass
class Talking(FarSide):
    """A far side that delivers what a test puts into it, and says when something was sent."""

    inbox: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def run(self, deliver: Deliver) -> None:
        while True:
            await deliver(await self.inbox.get())
            self.inbox.task_done()

    async def perform(self, action: Action) -> Any:
        receipt = await super().perform(action)
        async with self.arrived:
            self.arrived.notify_all()
        return receipt

    async def until(self, count: int) -> None:
        async with self.arrived:
            await asyncio.wait_for(self.arrived.wait_for(lambda: len(self.sent) >= count), 10)


@contextlib.asynccontextmanager
async def living(app: App) -> AsyncIterator[None]:
    task = asyncio.create_task(app.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_it_lives(tmp_path: Path):
    far = Talking()
    async with running_app(tmp_path, far=far) as stage, living(stage.app):
        for number in range(20):
            far.inbox.put_nowait(stage.message(f"say {number}", ADMIN))
        await far.until(20)
        assert far.texts() == [str(n) for n in range(20)]


async def test_timers_ring_by_themselves(tmp_path: Path):
    plugin = make_plugin("timekeeper")

    @plugin.on(MessageReceived)
    async def start(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.timers.start("t", timedelta(milliseconds=30))
        return
        yield

    @plugin.on(TimerDue)
    async def ring(event: TimerDue, ctx: Context[Any]) -> AsyncIterator[Action]:
        yield SendText(group=event.group, text="叮")

    far = Talking(clock=SystemClock())  # type: ignore[arg-type]
    async with running_app(tmp_path, plugin, far=far) as stage, living(stage.app):
        far.inbox.put_nowait(GatewayChanged(id="up", at=stage.clock.now(), up=True))
        far.inbox.put_nowait(stage.message("start"))
        await far.until(1)
        assert far.texts() == ["叮"]


async def test_what_fell_due_meanwhile_waits_for_the_far_side(tmp_path: Path):
    """The red packet that came while we were away must be seen before its deadline rings."""
    rung: list[str] = []
    plugin = make_plugin("timekeeper")

    @plugin.on(MessageReceived)
    async def start(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        rung.append(event.text)
        if event.text == "start":
            await ctx.timers.start("t", timedelta(minutes=3))
        yield SendText(group=event.group, text="x")

    @plugin.on(TimerDue)
    async def ring(event: TimerDue, ctx: Context[Any]) -> AsyncIterator[Action]:
        rung.append("rung")
        yield SendText(group=event.group, text="y")

    far = Talking()
    async with running_app(tmp_path, plugin, far=far) as stage:
        await stage.say("start")
        await stage.restart()
        stage.clock.set(stage.clock.now() + timedelta(hours=1))
        async with living(stage.app):
            far.inbox.put_nowait(stage.message("meanwhile"))
            await far.until(2)
            assert rung == ["start", "meanwhile"]
            far.inbox.put_nowait(GatewayChanged(id="up", at=stage.clock.now(), up=True))
            await far.until(3)
        assert rung == ["start", "meanwhile", "rung"]


async def test_a_disk_that_refuses_loses_no_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reception_module, "TROUBLE_PAUSE", 0.01)
    far = Talking()
    async with running_app(tmp_path, counter(), far=far) as stage:
        await stage.app.writer.run(lambda work: work.connection.exec_driver_sql("PRAGMA busy_timeout=1"))
        other = sqlite3.connect(stage.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        async with living(stage.app):
            for _ in range(3):
                far.inbox.put_nowait(stage.message("hi"))
            await asyncio.wait_for(far.inbox.join(), 10)
            async with asyncio.timeout(10):
                while not stage.app.reception.trouble:  # noqa: ASYNC110
                    await asyncio.sleep(0)
            far.inbox.put_nowait(stage.message("hi"))
            far.inbox.put_nowait(stage.message("hi"))
            await asyncio.wait_for(far.inbox.join(), 10)
            assert "locked" in stage.app.status()["trouble"]
            assert far.sent == []
            other.close()
            await far.until(5)
            assert far.texts() == [f"counter {n}" for n in range(1, 6)]
        assert not stage.app.reception.is_holding


async def test_an_event_that_cannot_be_written_is_not_tried_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(reception_module, "TROUBLE_PAUSE", 0.0)
    far = Talking()
    async with running_app(tmp_path, counter(), far=far) as stage, living(stage.app):
        far.inbox.put_nowait(stage.message("\ud800"))
        far.inbox.put_nowait(stage.message("hi"))
        await far.until(1)
        assert far.texts()[-1].startswith("counter")
        assert not stage.app.reception.is_holding
        assert stage.app.reception.trouble == ""


async def test_stopping_finishes_what_was_accepted(tmp_path: Path):
    async with running_app(tmp_path, counter()) as stage:
        for _ in range(30):
            await stage.app.deliver(stage.message("hi"))
        await stage.app.stop()
        await stage.app.stop()
        assert stage.far.closed
        await stage.reopen()
        await stage.app.settle()
        assert sorted(stage.far.texts()) == sorted(f"counter {n}" for n in range(1, 31))


async def test_stopping_in_trouble_leaves_no_task_behind(tmp_path: Path):
    async with running_app(tmp_path, counter()) as stage:
        await stage.app.writer.run(lambda work: work.connection.exec_driver_sql("PRAGMA busy_timeout=1"))
        other = sqlite3.connect(stage.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await stage.app.deliver(stage.message("hi"))
        async with asyncio.timeout(10):
            while not stage.app.reception.is_holding:  # noqa: ASYNC110
                await asyncio.sleep(0)
        await asyncio.wait_for(stage.app.stop(), 5)
        other.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
        await stage.reopen()
        assert await stage.count(handled) == 1


async def test_a_transport_that_is_too_fast_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async with running_app(tmp_path, counter()) as stage:
        await stage.app.settle()
        stage.app.reception._room_left = asyncio.Semaphore(3)
        begun = stage.app.dispatcher.counts.events
        for number in range(50):
            await stage.app.deliver(stage.message(f"{number}"))
            assert stage.app.writer.waiting <= 3
        await stage.app.writer.run(_nothing)
        assert stage.app.dispatcher.counts.events - begun == 50


async def _nothing(_work: Any) -> None:
    return


async def test_virtual_time_stops_at_every_moment(tmp_path: Path):
    plugin, moments = make_plugin("ticker"), []

    @plugin.on(MessageReceived)
    async def start(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.timers.start("t", timedelta(minutes=1))
        return
        yield

    @plugin.on(TimerDue)
    async def ring(event: TimerDue, ctx: Context[Any]) -> AsyncIterator[Action]:
        moments.append(event.at)
        await ctx.timers.start("t", timedelta(minutes=1))
        return
        yield

    async with running_app(tmp_path, plugin) as stage:
        began = stage.clock.now()
        await stage.say("start")
        await stage.after(minutes=10, seconds=30)
        assert [(at - began) / timedelta(minutes=1) for at in moments] == list(range(1, 11))
        assert stage.clock.now() - began == timedelta(minutes=10, seconds=30)
        assert await stage.app.next_at() == began + timedelta(minutes=11)


async def test_draws_are_the_same_again_and_differ_between_installations(tmp_path: Path):
    plugin, drawn = make_plugin("dice"), []

    @plugin.on(MessageReceived)
    async def draw(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        drawn.append(ctx.random.random())
        return
        yield

    for folder, seed in (("a", "one"), ("b", "two"), ("c", "one")):
        async with running_app(tmp_path / folder, plugin, bot__seed=seed) as stage:
            await stage.handle(stage.message("x"))
    assert drawn[0] == drawn[2] != drawn[1]


async def test_two_commands_of_one_name_do_not_start(tmp_path: Path):
    def shop(name: str):
        plugin = make_plugin(name)

        @plugin.command("买", usage="", example="/买", help="买")
        async def buy(call: Call, ctx: Context[Any]) -> AsyncIterator[Action]:
            yield ctx.reply(call.event, "x")

        return plugin

    with pytest.raises(ConfigError, match="重名"):
        async with running_app(tmp_path, shop("a"), shop("b")):
            pass


async def test_a_damaged_file_does_not_start(tmp_path: Path):
    (tmp_path / "shequn.db").write_bytes(b"garbage" * 1000)
    with pytest.raises(StorageError):
        async with running_app(tmp_path):
            pass


async def test_the_status_is_short_text(tmp_path: Path):
    async with running_app(tmp_path, parrot()) as stage:
        stage.far.connected = False
        await stage.say("say hi", Member("w", "小王"))
        status = stage.app.status()
        assert all(isinstance(value, str) for value in status.values())
        assert (status["waiting"], status["groups"], status["connected"]) == ("1", "1", "no")
