"""Test: a message with a tag: its sender hears what became of it, and can stop it while it waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.actions import Action, Purpose, SendText, Withdraw
from bot.errors import Refused
from bot.events import MessageReceived, SendSettled
from bot.plugin import Context, Plugin
from bot.storage.tables import notes
from tests.engine.stage import FarSide, G, Stage, make_plugin, running_app

pytestmark = pytest.mark.usefixtures("both")

AT_NIGHT = {"policy__quiet": "08:00-10:00"}
"""The stage begins at nine."""


def herald() -> Plugin[Any]:
    """`cast X` says X with the tag X; `stop X` withdraws it; what it hears is kept in its notes."""
    plugin = make_plugin("herald")

    @plugin.on(MessageReceived)
    async def order(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        verb, _, word = event.text.partition(" ")
        if verb == "cast":
            yield SendText(group=event.group, text=word, purpose=Purpose.BROADCAST, tag=word)
        elif verb == "stop":
            yield Withdraw(group=event.group, tag=word)
        if word == "boom":
            raise RuntimeError("after the order")

    @plugin.on(SendSettled)
    async def hear(event: SendSettled, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.notes.set(event.tag, f"{event.outcome} {event.error}".strip())
        return
        yield

    return plugin


def eavesdropper() -> Plugin[Any]:
    plugin = make_plugin("eavesdropper")

    @plugin.on(SendSettled)
    async def hear(event: SendSettled, ctx: Context[Any]) -> AsyncIterator[Action]:
        raise AssertionError("this is nobody else's business")
        yield

    return plugin


async def heard(stage: Stage) -> dict[str, str]:
    return {row["key"]: row["value"] for row in await stage.rows(notes) if row["plugin"] == "herald"}


async def test_what_was_said_is_told_to_its_sender_alone(tmp_path: Path) -> None:
    async with running_app(tmp_path, herald(), eavesdropper()) as stage:
        await stage.say("cast 甲")
        assert stage.far.texts() == ["甲"]
        assert await heard(stage) == {"甲": "done"}
        assert stage.app.dispatcher.counts.handlers_failed == 0


async def test_a_failure_is_told_with_its_reason(tmp_path: Path) -> None:
    far = FarSide(faults=[Refused("没有这个群")])
    async with running_app(tmp_path, herald(), far=far) as stage:
        await stage.say("cast 甲")
        assert await heard(stage) == {"甲": "failed 没有这个群"}


async def test_policy_s_no_is_told(tmp_path: Path) -> None:
    async with running_app(tmp_path, herald(), bot__mode="dry") as stage:
        await stage.say("cast 甲")
        assert stage.far.texts() == []
        assert await heard(stage) == {"甲": "refused dry"}


@pytest.mark.parametrize("crash", [False, True])
async def test_what_waits_can_be_stopped_for_good(tmp_path: Path, crash: bool) -> None:
    async with running_app(tmp_path, herald(), **AT_NIGHT) as stage:
        await stage.say("cast 甲")
        await stage.say("cast 乙")
        assert await heard(stage) == {}
        await stage.handle(stage.message("stop 甲"))
        if crash:
            await stage.restart()
        await stage.after(hours=2)
        assert stage.far.texts() == ["乙"]
        assert await heard(stage) == {"甲": "withdrawn withdrawn", "乙": "done"}


async def test_an_order_to_stop_that_fails_stops_nothing(tmp_path: Path) -> None:
    async with running_app(tmp_path, herald(), **AT_NIGHT) as stage:
        await stage.handle(stage.message("cast 甲"))
        await stage.handle(stage.message("stop 没有的"))
        await stage.handle(stage.message("stop boom"))
        await stage.after(hours=2)
        assert stage.far.texts(G) == ["甲"]
