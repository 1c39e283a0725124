"""Test: what one plugin declares reaches the others within the same transaction, and never goes round for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bot.actions import Action, Declare, SendText
from bot.events import Event, Fact, MemberIntroduced, MessageReceived
from bot.plugin import Context
from bot.storage.tables import audit, notes
from tests.engine.stage import XIAOWANG, G, make_plugin, running_app


def introduced(ctx: Context[Any]) -> Declare:
    return Declare(
        fact=MemberIntroduced(id=f"{ctx.event.id}:introduced", at=ctx.now, group=ctx.group.id, member=XIAOWANG)
    )


def speaker():
    """Declares on every message, beside a sentence of its own."""
    plugin = make_plugin("speaker")

    @plugin.on(MessageReceived)
    async def speak(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.notes.set("spoke", "1")
        yield introduced(ctx)
        yield SendText(group=ctx.group.id, text="speaker")

    return plugin


def listener(name: str = "listener", *, fails: bool = False, echoes: bool = False):
    plugin = make_plugin(name)

    @plugin.on(MemberIntroduced)
    async def hear(event: MemberIntroduced, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.notes.set("heard", event.member.id)
        yield SendText(group=event.group, text=f"{name} {event.member.name} {event.id}")
        if fails:
            raise LookupError
        if echoes:
            yield introduced(ctx)

    return plugin


async def test_every_listener_hears_a_fact_after_the_words_that_led_to_it(tmp_path: Path):
    async with running_app(tmp_path, listener("one"), speaker(), listener("two")) as stage:
        event = await stage.say("hi")
        fact = f"小王 {event.id}:introduced"
        assert stage.far.texts() == ["speaker", f"one {fact}", f"two {fact}"]
        assert {row["key"] for row in await stage.rows(notes)} == {"spoke", "heard"}


async def test_a_listener_that_fails_loses_only_its_own_work(tmp_path: Path):
    async with running_app(tmp_path, speaker(), listener("bad", fails=True), listener("good")) as stage:
        event = await stage.say("hi")
        assert stage.far.texts() == ["speaker", f"good 小王 {event.id}:introduced"]
        assert {(row["plugin"], row["key"]) for row in await stage.rows(notes)} == {
            ("speaker", "spoke"),
            ("good", "heard"),
        }


async def test_a_message_that_comes_again_declares_nothing_again(tmp_path: Path):
    async with running_app(tmp_path, speaker(), listener()) as stage:
        event = await stage.say("hi")
        await stage.restart()
        await stage.handle(event)
        await stage.app.settle()
        assert len(stage.far.texts()) == 2


async def test_facts_that_lead_to_facts_come_to_an_end(tmp_path: Path):
    async with running_app(tmp_path, speaker(), listener(echoes=True)) as stage:
        await stage.say("hi")
        assert len(stage.far.texts()) == 3, "the speaker, and two rounds"


async def test_what_happened_outside_cannot_be_declared(tmp_path: Path):
    """A plugin states facts of its own; joins and messages come from the far side alone."""
    plugin = make_plugin()

    @plugin.on(MessageReceived)
    async def lie(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        fact: Any = Event(id="x", at=ctx.now, group=G)
        assert not isinstance(fact, Fact)
        yield Declare(fact=fact)

    async with running_app(tmp_path, plugin, listener()) as stage:
        await stage.say("hi")
        assert stage.far.texts() == []
        [row] = [row for row in await stage.rows(audit) if row["what"] == "plugin.failed"]
        assert "no fact" in row["detail"]["error"]


async def test_a_command_given_in_private_speaks_of_the_group(tmp_path: Path):
    plugin = make_plugin("card")

    @plugin.command("名片", usage="", example="/名片", help="测试")
    async def card(call: Any, ctx: Context[Any]) -> AsyncIterator[Action]:
        yield introduced(ctx)

    async with running_app(tmp_path, plugin, listener()) as stage:
        await stage.say("/名片", group="")
        assert [(action.group, action.text[:11]) for action in stage.far.actions] == [(G, "listener 小王")]
