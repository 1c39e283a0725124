"""Test: from one event to what becomes of it: once, whole or not at all, and no plugin in another's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

from bot.actions import Action, NotifyAdmins, OpenCase, Purpose, RemoveMember, SendText
from bot.errors import CommandError
from bot.events import CaseOpened, JobDue, MemberJoined, MessageReceived, TimerDue
from bot.model import Member, Role, Signal
from bot.plugin import Call, Context, PluginSettings
from bot.storage.tables import audit, cases, handled, messages, notes
from bot.storage.tables import settings as settings_table
from tests.engine.stage import ADMIN, BOT, XIAOLI, G, make_plugin, running_app


def finding(event: MessageReceived, verdict: str = "ad", member: Member | None = None) -> OpenCase:
    return OpenCase(
        group=event.group,
        member=member or event.sender,
        verdict=verdict,
        signals=(Signal("word", event.text, 0.9),),
        message_id=event.id,
        text=event.text,
    )


def counter(name: str = "counter"):
    """Counts messages in its notes and says the count."""
    plugin = make_plugin(name)

    @plugin.on(MessageReceived)
    async def count(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        number = int(await ctx.notes.get("count") or 0) + 1
        await ctx.notes.set("count", str(number))
        yield SendText(group=event.group, text=f"{name} {number}")

    return plugin


# ---- once


async def test_the_same_event_three_times_has_one_effect(tmp_path: Path):
    async with running_app(tmp_path, counter()) as stage:
        event = stage.message("hi")
        await stage.handle(event, event, event)
        await stage.app.settle()
        assert stage.far.texts() == ["counter 1"]


async def test_three_at_once_in_one_commit(tmp_path: Path):
    async with running_app(tmp_path, counter()) as stage:
        event = stage.message("hi")
        await asyncio.gather(*(stage.app.handle(event) for _ in range(3)))
        await stage.app.settle()
        assert stage.far.texts() == ["counter 1"]


async def test_again_after_a_restart(tmp_path: Path):
    async with running_app(tmp_path, counter()) as stage:
        event = await stage.say("hi")
        await stage.restart()
        await stage.handle(event)
        await stage.app.settle()
        assert stage.far.texts() == ["counter 1"]
        assert stage.app.dispatcher.counts.repeated == 1


async def test_late_and_out_of_order_events_count_once(tmp_path: Path):
    for number, order in enumerate(permutations(range(3))):
        async with running_app(tmp_path / str(number), counter()) as stage:
            events = [
                replace(stage.message(f"{n}"), at=stage.clock.now() - timedelta(minutes=10 * (3 - n))) for n in range(3)
            ]
            for index in (*order, *order):
                await stage.handle(events[index])
            await stage.app.settle()
            assert stage.far.texts() == ["counter 1", "counter 2", "counter 3"]
            assert await stage.count(messages) == 3


async def test_an_event_that_failed_in_the_file_is_taken_when_it_comes_again(tmp_path: Path):
    async with running_app(tmp_path, counter()) as stage:

        async def limit(pages: int) -> None:
            await stage.app.writer.run(lambda work: work.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}"))

        await limit(1)
        event = stage.message("x" * 60_000)
        with pytest.raises(Exception, match="full"):
            await stage.app.handle(event)
        await limit(1_000_000)
        await stage.handle(event)
        await stage.app.settle()
        assert stage.far.texts() == ["counter 1"]


async def test_an_event_from_the_future_is_answered_now(tmp_path: Path):
    async with running_app(tmp_path, counter()) as stage:
        await stage.handle(replace(stage.message("hi"), at=stage.clock.now() + timedelta(hours=1)))
        await stage.app.settle()
        assert stage.far.texts() == ["counter 1"]


async def test_what_a_plugin_remembers_decides_whether_it_is_called(tmp_path: Path):
    plugin = make_plugin("shy")

    @plugin.on(MessageReceived, knowing=lambda event, memory: event.sender.id not in memory)
    async def greet(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        ctx.memory[event.sender.id] = True
        yield SendText(group=event.group, text=event.sender.name)

    for no in range(2):  # a second bot in the same process has met nobody yet
        async with running_app(tmp_path / str(no), plugin) as stage:
            await stage.say("hi")
            await stage.say("hi again")
            await stage.say("hi", XIAOLI)
            assert stage.far.texts() == ["小王", "小李"]


async def test_a_group_that_wants_nothing_of_it_is_not_asked(tmp_path: Path):
    class Loudness(PluginSettings):
        """How loud."""

        loud: bool = Field(False, description="大声")

    plugin = make_plugin("loud", Loudness)

    @plugin.guard(MessageReceived, wanted=lambda settings: settings.loud)
    async def shout(event: MessageReceived, ctx: Context[Loudness]) -> AsyncIterator[Action]:
        yield SendText(group=event.group, text=f"{event.text}!")

    async with running_app(tmp_path, plugin) as stage:
        await stage.say("one")
        await stage.app.set_setting(G, "loud.loud", True)
        await stage.say("two")
        await stage.app.set_setting(G, "loud.loud", False)
        await stage.say("three")
        assert stage.far.texts() == ["two!"]


# ---- failing alone


class Own(Exception):
    """Raised by plugins of these tests."""


def failing(kind: str):
    """A plugin that breaks in the way its name says, after it has done half its work."""
    plugin = make_plugin("broken")

    @plugin.on(
        MessageReceived,
        when=(lambda event: event.text[100] == "x") if kind == "when" else None,
        knowing=(lambda event, memory: bool(memory["nothing"])) if kind == "knowing" else None,
        wanted=(lambda settings: bool(settings.nothing)) if kind == "wanted" else None,
    )
    async def half(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.notes.set("half", "done")
        await ctx.group_settings.set("bot.name", "半个", by="w")
        yield SendText(group=event.group, text="half")
        if kind == "raises":
            raise Own
        if kind == "timeout of its own":
            raise TimeoutError
        if kind == "file of its own":
            raise FileNotFoundError("words.txt")
        if kind == "command error":
            raise CommandError("not a command")
        if kind == "sql":
            from sqlalchemy import text

            await ctx.db.execute(text("SELECT * FROM nowhere"))
        if kind == "row":
            ctx.db.add(notes, {"plugin": None, "group": None, "key": None, "value": None})
        if kind == "double row":
            for _ in range(2):
                ctx.db.add(handled, {"id": "twice", "at": ctx.now})
        if kind == "no action":
            yield "a word"  # type: ignore[misc]
        if kind == "list":
            yield SendText(group=event.group, text="x", mentions=[event.sender])  # type: ignore[arg-type]
        if kind == "half a character":
            yield SendText(group=event.group, text="\ud800")
        if kind == "half a character in a note":
            await ctx.notes.set("half", "\ud800")

    return plugin


KINDS = [
    "raises",
    "timeout of its own",
    "file of its own",
    "sql",
    "row",
    "double row",
    "no action",
    "list",
    "half a character",
    "half a character in a note",
    "when",
    "knowing",
    "wanted",
]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_failing_plugin_loses_its_own_work_only(tmp_path: Path, kind: str):
    async with running_app(tmp_path, counter("before"), failing(kind), counter("later")) as stage:
        await stage.say("hi")
        assert stage.far.texts() == ["before 1", "later 1"]
        kept = {(row["plugin"], row["key"]) for row in await stage.rows(notes)}
        assert kept == {("before", "count"), ("later", "count")}
        assert await stage.count(settings_table) == 0
        assert stage.app.book.info(G).id == G
        assert stage.app.book.sections(G)["bot"].name == "群管家"
        failed = [row for row in await stage.rows(audit) if row["what"] == "plugin.failed"]
        assert [row["detail"]["plugin"] for row in failed] == ["broken"]
        assert stage.app.dispatcher.counts.failed_by_plugin == {"broken": 1}
        await stage.say("again")
        assert stage.far.texts()[2:] == ["before 2", "later 2"]


async def test_an_event_with_a_bad_row_is_still_handled_once(tmp_path: Path):
    async with running_app(tmp_path, counter(), failing("double row"), counter("later")) as stage:
        event = await stage.say("hi")
        await stage.restart()
        await stage.handle(event)
        await stage.app.settle()
        assert stage.far.texts() == ["counter 1", "later 1"]


async def test_a_failing_guard_stops_nobody(tmp_path: Path):
    guard = make_plugin("broken_guard")

    @guard.guard(MessageReceived)
    async def look(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        ctx.stop()
        raise Own
        yield

    async with running_app(tmp_path, guard, counter()) as stage:
        await stage.say("hi")
        assert stage.far.texts() == ["counter 1"]


async def test_what_a_failing_plugin_changed_in_memory_is_undone(tmp_path: Path):
    plugin = make_plugin("broken")

    @plugin.on(MessageReceived)
    async def half(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.members.exempt("w", until=None, by="w")
        await ctx.members.set_role("w", Role.ADMIN, by="w")
        assert await ctx.members.is_exempt("w")
        await ctx.group_settings.enable(False, by="w")
        await ctx.group_settings.set("bot.mode", "dry", by="w")
        await ctx.group_settings.set("bot.mode", "shadow", by="w")
        raise Own
        yield

    seen: list[tuple[Any, ...]] = []
    witness = make_plugin("witness")

    @witness.on(MessageReceived)
    async def look(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        seen.append((await ctx.members.is_exempt("w"), await ctx.members.role_of("w"), ctx.group.mode.value))
        return
        yield

    async with running_app(tmp_path, plugin, witness) as stage:
        await stage.say("hi")
        await stage.say("again")
        assert seen == [(False, Role.MEMBER, "enforce")] * 2
        assert stage.app.book.manages(G)


# ---- hanging


async def test_a_hanging_handler_is_cut_off_and_the_event_is_over(tmp_path: Path):
    plugin = make_plugin("hangs")
    runs: list[str] = []

    @plugin.on(MessageReceived, when=lambda event: event.text == "hang")
    async def hang(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        runs.append(event.id)
        await ctx.notes.set("half", "done")
        await ctx.group_settings.set("bot.name", "半个", by="w")
        await asyncio.Event().wait()
        yield

    async with running_app(tmp_path, counter(), plugin) as stage:
        stage.app.dispatcher.time_limit = timedelta(milliseconds=50)
        event = stage.message("hang")
        results = await asyncio.gather(
            stage.app.handle(stage.message("one")),
            stage.app.handle(event),
            stage.app.handle(stage.message("two")),
            return_exceptions=True,
        )
        assert results[0] is None
        assert results[2] is None
        await stage.app.settle()
        assert [row["what"] for row in await stage.rows(audit)] == ["plugin.too_slow"]
        assert stage.app.book.sections(G)["bot"].name == "群管家"
        assert await stage.count(settings_table) == 0
        await stage.restart()
        await stage.handle(event)
        assert len(runs) == 1
        texts = stage.far.texts()
        await stage.say("three")
        assert stage.far.texts() == [*texts, f"counter {len(texts) + 1}"]


# ---- guards, commands, talk


def stopper():
    guard = make_plugin("stop_guard")

    @guard.guard(MessageReceived)
    async def look(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        if "坏" in event.text:
            ctx.stop()
            yield SendText(group=event.group, text="stopped", purpose=Purpose.ENFORCEMENT)

    return guard


def speaker():
    """Talk is echoed; `/说` says; `/错` is always wrong; `/炸` breaks."""
    plugin = make_plugin("speaker")

    @plugin.command("说", "say", usage="<话>", example="/说 你好", help="说")
    async def say(call: Call, ctx: Context[Any]) -> AsyncIterator[Action]:
        yield ctx.reply(call.event, call.text, mention=False)

    @plugin.command("错", usage="", example="/错", help="错")
    async def wrong(call: Call, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.notes.set("half", "done")
        yield ctx.reply(call.event, "half")
        raise CommandError("少了奖品，例：/抽奖 咖啡券 x2")

    @plugin.command("炸", usage="", example="/炸", help="炸")
    async def bursts(call: Call, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.notes.set("half", "done")
        raise Own
        yield

    @plugin.on(MessageReceived)
    async def talk(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        yield SendText(group=event.group, text=f"heard {event.text}")

    return plugin


async def test_a_guard_that_stops_is_the_last_to_see_the_message(tmp_path: Path):
    async with running_app(tmp_path, stopper(), speaker()) as stage:
        await stage.say("坏话")
        await stage.say("/说 坏话")
        await stage.say("好话")
        assert stage.far.texts() == ["stopped", "stopped", "heard 好话"]


async def test_guards_do_not_look_at_those_with_a_role(tmp_path: Path):
    async with running_app(tmp_path, stopper(), speaker()) as stage:
        await stage.say("坏话", ADMIN)
        assert stage.far.texts() == ["heard 坏话"]


async def test_a_command_is_not_talk(tmp_path: Path):
    async with running_app(tmp_path, speaker()) as stage:
        await stage.say("/说 你好")
        await stage.say("／say  你好")
        await stage.say("说 你好")
        assert stage.far.texts() == ["你好", "你好", "heard 说 你好"]


async def test_a_wrong_command_gets_its_sentence_and_leaves_nothing(tmp_path: Path):
    async with running_app(tmp_path, speaker()) as stage:
        await stage.say("/错")
        assert stage.far.texts() == ["@小王 少了奖品，例：/抽奖 咖啡券 x2"]
        assert await stage.count(notes) == 0


async def test_a_broken_command_says_so_and_leaves_nothing(tmp_path: Path):
    async with running_app(tmp_path, speaker()) as stage:
        await stage.say("/炸")
        assert len(stage.far.texts()) == 1
        assert "没能完成" in stage.far.texts()[0]
        assert await stage.count(notes) == 0


# ---- timers and jobs belong to one plugin


@pytest.mark.parametrize("kind", [TimerDue, JobDue])
async def test_only_its_own_plugin_hears_a_timer_or_job(tmp_path: Path, kind: type):
    heard: list[str] = []

    def listener(name: str):
        plugin = make_plugin(name)

        @plugin.on(kind)
        async def hear(event: Any, ctx: Context[Any]) -> AsyncIterator[Action]:
            heard.append(name)
            return
            yield

        return plugin

    async with running_app(tmp_path, listener("mine"), listener("other")) as stage:
        extra = {"due_at": stage.clock.now()} if kind is JobDue else {}
        await stage.handle(kind(id="x", at=stage.clock.now(), group=G, plugin="mine", name="n", **extra))
        assert heard == ["mine"]


# ---- cases


def watcher(name: str = "word_guard", *, stops: bool = True, twice: bool = False):
    guard = make_plugin(name)

    @guard.guard(MessageReceived)
    async def look(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        if "广告" in event.text:
            if stops:
                ctx.stop()
            yield finding(event)
            if twice:
                yield finding(event, member=XIAOLI)

    return guard


def judge():
    plugin = make_plugin("judge")

    @plugin.on(CaseOpened)
    async def opened(event: CaseOpened, ctx: Context[Any]) -> AsyncIterator[Action]:
        yield SendText(group=event.group, case=event.case, text=f"W{event.case} {event.member.name} {event.plugin}")

    return plugin


async def test_a_finding_becomes_a_case(tmp_path: Path):
    async with running_app(tmp_path, watcher(), judge()) as stage:
        event = await stage.say("广告 加我")
        assert stage.far.texts() == ["W1 小王 word_guard"]
        (case,) = await stage.rows(cases)
        assert (case["state"], case["member"], case["message_id"]) == ("open", "w", event.id)
        assert case["signals"] == [["word", "广告 加我", 0.9]]


async def test_a_burst_leads_to_one_case(tmp_path: Path):
    async with running_app(tmp_path, watcher(), judge()) as stage:
        await asyncio.gather(*(stage.app.handle(stage.message(f"广告 {n}")) for n in range(20)))
        await stage.app.settle()
        assert stage.far.texts() == ["W1 小王 word_guard"]
        assert await stage.count(cases) == 1
        await stage.say("广告", XIAOLI)
        assert stage.far.texts()[1:] == ["W2 小李 word_guard"]


async def test_two_guards_and_two_members_in_one_event(tmp_path: Path):
    plugins = watcher("a_guard", stops=False, twice=True), watcher("b_guard", stops=False), judge()
    async with running_app(tmp_path, *plugins) as stage:
        await stage.say("广告")
        assert sorted(text.split(" ", 1)[1] for text in stage.far.texts()) == [
            "小李 a_guard",
            "小王 a_guard",
            "小王 b_guard",
        ]
        assert await stage.count(cases) == 3


async def test_a_finding_in_a_command_and_beside_one(tmp_path: Path):
    async with running_app(tmp_path, watcher(stops=False), speaker(), judge()) as stage:
        await stage.say("/说 广告")
        assert stage.far.texts() == ["广告", "W1 小王 word_guard"]


@pytest.mark.parametrize("who", ["admin", "exempt", "bot"])
async def test_no_case_against_those_who_are_spared(tmp_path: Path, who: str):
    plugin = make_plugin("accuser")

    @plugin.on(MessageReceived)
    async def accuse(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        if who == "exempt":
            await ctx.members.exempt("l", until=ctx.now + timedelta(minutes=1), by="admin")
        target = {"admin": ADMIN, "exempt": XIAOLI, "bot": BOT}[who]
        yield finding(event, member=replace(target, role=Role.MEMBER))

    async with running_app(tmp_path, plugin, judge()) as stage:
        await stage.say("hi")
        assert stage.far.actions == []
        assert await stage.count(cases) == 0


async def test_an_exemption_ends(tmp_path: Path):
    plugin = make_plugin("friend")

    @plugin.on(MessageReceived, when=lambda event: event.text == "spare me")
    async def spare(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.members.exempt("w", until=ctx.now + timedelta(minutes=1), by="admin")
        return
        yield

    async with running_app(tmp_path, plugin, watcher(), judge()) as stage:
        await stage.say("spare me")
        await stage.say("广告")
        assert stage.far.texts() == []
        await stage.after(minutes=1)
        await stage.say("广告")
        assert stage.far.texts() == ["W1 小王 word_guard"]


async def test_a_refused_removal_is_told_and_cannot_go_round_for_ever(tmp_path: Path):
    from bot.events import RemovalSettled

    plugin = make_plugin("stubborn")

    @plugin.on(MessageReceived)
    async def first(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        yield RemoveMember(group=event.group, member=ADMIN, reason="x")

    @plugin.on(RemovalSettled)
    async def again(event: RemovalSettled, ctx: Context[Any]) -> AsyncIterator[Action]:
        assert not event.done
        yield RemoveMember(group=event.group, member=event.member, reason="x")

    async with running_app(tmp_path, plugin, counter()) as stage:
        await stage.say("hi")
        assert stage.far.removed == []
        assert "counter 1" in stage.far.texts()
        assert 1 <= len(stage.far.notices) <= 3


# ---- groups we do not look after


async def test_nothing_is_heard_or_kept_of_a_strange_group(tmp_path: Path):
    joins: list[str] = []
    plugin = make_plugin("greeter")

    @plugin.on(MemberJoined)
    async def greet(event: MemberJoined, ctx: Context[Any]) -> AsyncIterator[Action]:
        joins.append(event.member.name)
        yield NotifyAdmins(group=event.group, text="hi")

    async with running_app(tmp_path, counter(), plugin, bot__manage=("别的群",)) as stage:
        await stage.say("秘密")
        await stage.handle(stage.joined(Member("n", "小陈")))
        assert stage.far.actions == []
        assert joins == []
        assert await stage.count(messages) == 0


# ---- a setting that no longer fits


class Narrow(PluginSettings):
    limit: int = Field(3, ge=1, le=10, description="上限")


async def test_a_saved_setting_that_is_no_longer_allowed_falls_back(tmp_path: Path):
    plugin = make_plugin("narrow", Narrow)
    seen: list[int] = []

    @plugin.on(MessageReceived)
    async def look(event: MessageReceived, ctx: Context[Narrow]) -> AsyncIterator[Action]:
        seen.append(ctx.settings.limit)
        return
        yield

    async with running_app(tmp_path, plugin) as stage:
        await stage.app.set_setting(G, "narrow.limit", 9, by="admin")
        await stage.say("hi")

        async def spoil(work: Any) -> None:
            from sqlalchemy import insert

            for key, value in (("narrow.limit", 99), ("narrow.gone", 1), ("nowhere.key", 1)):
                row = {"group": G, "key": key, "value": value, "at": stage.clock.now(), "by": ""}
                await work.execute(insert(settings_table).values(row))

        await stage.app.writer.run(spoil)
        await stage.restart()
        await stage.say("hi")
        assert seen == [9, 3]
