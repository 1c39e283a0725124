"""Test: the courier: in order, paced, patient, never twice what may not be said twice, and honest about the rest."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.actions import Action, Announce, NotifyAdmins, Purpose, SendText
from bot.errors import Refused, Throttled, Unavailable, Uncertain
from bot.events import CaseTold, MessageReceived, RemovalSettled
from bot.plugin import Context, Plugin
from bot.settings import PLAYGROUND
from bot.storage.outbox import State, decode, encode
from bot.storage.tables import notes, outbox
from tests.engine.stage import (
    ADMIN,
    NO_CHANNEL,
    XIAOLI,
    XIAOWANG,
    FarSide,
    G,
    Stage,
    make_plugin,
    parrot,
    running_app,
)
from tests.engine.test_policy import EVERYTHING, name

pytestmark = pytest.mark.usefixtures("both")


def witness() -> Plugin[Any]:
    """Writes every RemovalSettled and CaseTold into its notes, once per event id."""
    plugin = make_plugin("witness")

    @plugin.on(RemovalSettled)
    async def settled(event: RemovalSettled, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.notes.set(event.id, f"{event.member.id} {event.done}")
        return
        yield

    @plugin.on(CaseTold)
    async def told(event: CaseTold, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.notes.set(event.id, f"W{event.case} {event.certain}")
        return
        yield

    return plugin


async def witnessed(stage: Stage) -> list[str]:
    return [row["value"] for row in await stage.rows(notes)]


def staged(tmp_path: Path, *plugins: Plugin[Any], **values: Any):
    return running_app(tmp_path, parrot(), witness(), *plugins, **values)


@pytest.mark.parametrize("action", EVERYTHING, ids=name)
def test_an_action_survives_the_file(action: Action):
    assert decode(*encode(action)) == action


# ---- order


async def test_removals_go_first_then_enforcement_notices_answers_and_the_rest(tmp_path: Path):
    async with staged(tmp_path) as stage:
        stage.far.connected = False
        for line in ("cast 群发", "say 回答", "tell 通知", "enforce 警告", "kick l"):
            await stage.say(line)
        stage.far.connected = True
        await stage.after(minutes=1)
        order = [getattr(a, "text", "移出") for a in stage.far.actions]
        # A notice has a way of its own, which was open all the time.
        assert order == ["通知", "移出", "警告", "回答", "群发"]


async def test_messages_to_one_group_keep_their_order_through_retries(tmp_path: Path):
    async with staged(tmp_path) as stage:
        stage.far.faults = [Unavailable("busy"), Unavailable("busy")]
        for number in range(5):
            await stage.say(f"say {number}")
        await stage.after(minutes=5)
        assert stage.far.texts() == ["0", "1", "2", "3", "4"]


async def test_a_group_that_must_wait_holds_up_no_other(tmp_path: Path):
    async with staged(tmp_path) as stage:
        stage.far.faults = [Unavailable("busy")]
        await stage.say("say a")
        await stage.say("say b", group="g2")
        assert stage.far.texts() == ["b"]
        await stage.after(seconds=5)
        assert stage.far.texts() == ["b", "a"]


PACED = {**PLAYGROUND, "pacing.gap": "1s", "pacing.group_gap": "3s", "pacing.jitter": "500ms", "pacing.per_minute": 20}


@pytest.fixture
def paced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.engine.stage.PLAYGROUND", PACED)


@pytest.mark.usefixtures("paced")
async def test_a_burst_is_sent_at_the_pace_of_a_person(tmp_path: Path):
    async with staged(tmp_path) as stage:
        await asyncio.gather(
            *(stage.app.handle(stage.message(f"say {n}", ADMIN, group=f"g{n % 4}")) for n in range(120)),
        )
        await stage.after(minutes=10)
        times = [at for at, _ in stage.far.sent]
        assert len(times) == 120
        assert min(b - a for a, b in pairwise(times)) >= timedelta(seconds=1)
        for group in range(4):
            mine = [at for at, action in stage.far.sent if action.group == f"g{group}"]
            assert min(b - a for a, b in pairwise(mine)) >= timedelta(seconds=3)
            texts = [int(text) for text in stage.far.texts(f"g{group}")]
            assert texts == sorted(texts)
        assert all(sum(1 for other in times if at - timedelta(minutes=1) < other <= at) <= 20 for at in times)


@pytest.mark.usefixtures("paced")
async def test_a_removal_does_not_queue_behind_a_burst(tmp_path: Path):
    async with staged(tmp_path) as stage:
        for number in range(10):
            await stage.app.handle(stage.message(f"say {number}"))
        await stage.say("kick l")
        assert stage.far.removed == ["l"]
        assert len(stage.far.texts()) <= 1


@pytest.mark.usefixtures("paced")
async def test_the_pace_goes_on_after_a_restart(tmp_path: Path):
    async with staged(tmp_path, pacing__per_minute=2) as stage:
        for number in range(3):
            await stage.say(f"say {number}")
        await stage.after(seconds=10)
        assert len(stage.far.sent) == 2
        await stage.restart()
        await stage.after(seconds=40)
        assert len(stage.far.sent) == 2
        await stage.after(seconds=20)
        assert len(stage.far.sent) == 3


# ---- trouble that passes


async def test_what_is_busy_is_tried_again_later_and_later(tmp_path: Path):
    async with staged(tmp_path, pacing__max_attempts=5) as stage:
        tries: list[float] = []

        async def busy(action: Action) -> None:
            if isinstance(action, SendText):
                tries.append((stage.clock.now() - began).total_seconds())
            raise Unavailable("busy")

        began, stage.far.always = stage.clock.now(), busy
        await stage.say("say hi")
        await stage.after(hours=1)
        assert tries == [0, 5, 15, 35, 75]
        assert await stage.states() == ["failed", "failed"]
        assert stage.app.courier.rows == {}


async def test_an_absent_gateway_uses_up_no_attempts(tmp_path: Path):
    async with staged(tmp_path, pacing__max_attempts=2) as stage:
        stage.far.connected = False
        await stage.say("say hi")
        await stage.after(hours=2)
        assert stage.far.asked == 0
        stage.far.connected = True
        stage.far.faults = [Unavailable("still waking up")]
        await stage.after(minutes=1)
        assert stage.far.texts() == ["hi"]
        (row,) = await stage.parcels()
        assert (row.state, row.attempts) == (State.DONE, 2)


async def test_a_gateway_that_leaves_during_the_call_uses_up_none_either(tmp_path: Path):
    async with staged(tmp_path, pacing__max_attempts=2) as stage:

        async def gone(_action: Action) -> None:
            stage.far.connected = False
            raise Unavailable("gone")

        stage.far.faults = [gone]
        await stage.say("say hi")
        (row,) = await stage.parcels()
        assert (row.state, row.attempts) == (State.WAITING, 0)


async def test_complaints_slow_everything_down(tmp_path: Path):
    async with staged(tmp_path, pacing__per_minute=10) as stage:
        stage.far.faults = [Throttled("too often")]
        for number in range(20):
            await stage.app.handle(stage.message(f"say {number}", ADMIN, group=f"g{number}"))
        await stage.app.settle()
        await stage.after(seconds=59)
        assert stage.far.asked == 5
        await stage.after(minutes=12)
        assert sorted(int(text) for text in stage.far.texts()) == list(range(20))


async def test_the_brake_holds_back_what_can_wait_and_is_told_once(tmp_path: Path):
    async with staged(tmp_path) as stage:
        told: list[str] = []
        stage.app.courier.on_brake.append(lambda error, until: told.append(error))
        stage.far.faults = [Throttled("操作过于频繁"), Throttled("操作过于频繁")]
        for line in ("cast 简报", "say 回答", "enforce 警告", "kick l"):
            await stage.say(line)
        await stage.after(minutes=2)
        assert stage.far.removed == ["l"]
        assert sorted(stage.far.texts()) == ["回答", "警告"]
        assert told == ["操作过于频繁"]
        await stage.after(minutes=10)
        assert stage.far.texts()[-1] == "简报"


async def test_an_answer_nobody_waits_for_any_more_is_dropped(tmp_path: Path):
    async with staged(tmp_path) as stage:
        stage.far.connected = False
        for line in ("say 回答", "enforce 警告", "kick l"):
            await stage.say(line)
        await stage.after(hours=7)
        stage.far.connected = True
        await stage.after(minutes=1)
        assert await stage.states() == ["expired", "done", "done"]
        assert stage.far.texts() == ["警告"]
        assert stage.far.notices == []


# ---- trouble that stays


async def test_a_refusal_is_told_once(tmp_path: Path):
    async with staged(tmp_path) as stage:
        stage.far.faults = [Refused("不是好友")]
        await stage.say("say 你好")
        await stage.after(hours=2)
        await stage.restart()
        await stage.after(hours=2)
        assert stage.far.texts() == []
        (notice,) = stage.far.notices
        assert "你好" in notice
        assert "不是好友" in notice


async def test_a_refusal_reaches_the_owner_where_there_is_no_admin_channel(tmp_path: Path):
    async with staged(tmp_path, far=FarSide(can=NO_CHANNEL), bot__owners=("boss",)) as stage:
        stage.far.faults = [Refused("不是好友")]
        await stage.say("say 你好")
        await stage.after(hours=1)
        (notice,) = [a for a in stage.far.actions if isinstance(a, SendText)]
        assert notice.to == "boss"
        assert "你好" in notice.text


@pytest.mark.parametrize("error", [Refused("no"), Uncertain("lost"), Unavailable("x")], ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("can", [NO_CHANNEL, None], ids=["private", "channel"])
async def test_when_nothing_gets_through_it_ends(tmp_path: Path, error: Exception, can: Any):
    far = FarSide(can=can) if can else FarSide()
    async with staged(tmp_path, far=far, bot__owners=("boss",), pacing__max_attempts=3) as stage:
        stage.far.always = error
        await stage.say("say 你好")
        await stage.after(days=1)
        assert stage.app.courier.rows == {}
        assert len(await stage.parcels()) == 2
        assert await stage.app.next_at() is None


# ---- not knowing


async def test_an_echo_proves_that_it_was_said(tmp_path: Path):
    async with staged(tmp_path) as stage:
        stage.far.faults = [Uncertain("broke")]
        await stage.say("say 你好 小王")
        await stage.after(seconds=10)
        await stage.echo("你好\u2005小王", message_id="real")
        await stage.app.settle()
        (row,) = await stage.parcels()
        assert (row.state, row.message_id) == (State.DONE, "real")
        await stage.after(hours=1)
        assert stage.far.asked == 1
        assert stage.far.notices == []


async def test_an_echo_that_came_before_the_error(tmp_path: Path):
    async with staged(tmp_path) as stage:

        async def said_but_broken(action: Action) -> None:
            await stage.echo("你好")
            raise Uncertain("broke")

        stage.far.faults = [said_but_broken]
        await stage.say("say 你好")
        await stage.after(minutes=5)
        assert await stage.states() == ["done"]


@pytest.mark.parametrize("restarts", [False, True])
async def test_without_evidence_the_admins_are_asked_once_and_nothing_is_repeated(tmp_path: Path, restarts: bool):
    async with staged(tmp_path) as stage:
        stage.far.faults = [Uncertain("broke")]
        await stage.say("say 你好")
        if restarts:
            await stage.restart()
        await stage.after(seconds=30)
        assert stage.far.notices == []
        await stage.echo("别的话")
        await stage.echo("你好", group="g2")
        await stage.after(hours=1)
        await stage.restart()
        await stage.after(hours=1)
        assert stage.far.texts() == []
        assert len(stage.far.notices) == 1
        assert "你好" in stage.far.notices[0]
        assert await stage.states() == ["unknown", "done"]


async def test_the_echo_of_one_message_proves_nothing_about_the_next_of_the_same_words(tmp_path: Path):
    async with staged(tmp_path) as stage:
        await stage.say("say 签到成功")
        await stage.echo("签到成功", message_id="sent-1")
        stage.far.faults = [Uncertain("broke")]
        await stage.say("say 签到成功")
        await stage.after(minutes=5)
        assert await stage.states() == ["done", "unknown", "done"]


async def test_an_announcement_is_read_back(tmp_path: Path):
    async with staged(tmp_path) as stage:

        async def set_but_broken(action: Action) -> None:
            assert isinstance(action, Announce)
            if action.text == "一":
                stage.far.carry_out(action)
            raise Uncertain("broke")

        stage.far.announcements[G] = "旧"
        stage.far.faults = [set_but_broken]
        await stage.say("announce 一")
        await stage.after(minutes=5)
        assert [a.text for a in stage.far.actions] == ["一"]
        stage.far.faults = [set_but_broken]
        await stage.say("announce 二")
        await stage.after(minutes=5)
        assert [a.text for a in stage.far.actions] == ["一", "二"]
        assert await stage.states() == ["done", "done"]


# ---- removals


@pytest.mark.parametrize("happened", [True, False])
async def test_an_uncertain_removal_is_repeated_only_if_they_are_still_there(tmp_path: Path, happened: bool):
    async with staged(tmp_path) as stage:

        async def broken(action: Action) -> None:
            if happened:
                stage.far.carry_out(action)
            raise Uncertain("broke")

        stage.far.faults = [broken]
        await stage.say("kick l")
        await stage.after(minutes=5)
        assert stage.far.removed == ["l"]
        assert stage.far.asked == (1 if happened else 2)
        assert await witnessed(stage) == ["l True"]


async def test_a_gateway_that_says_yes_and_does_nothing_is_found_out(tmp_path: Path):
    async with staged(tmp_path) as stage:
        stage.far.deaf = True
        await stage.say("kick l")
        assert await witnessed(stage) == []
        await stage.after(minutes=5)
        assert stage.far.removed == ["l"]
        assert await stage.states() == ["failed"]
        assert await witnessed(stage) == ["l False"]
        await stage.restart()
        await stage.after(hours=1)
        assert await witnessed(stage) == ["l False"]


async def test_a_removal_that_cannot_be_verified_counts_as_done(tmp_path: Path):
    async with staged(tmp_path) as stage:
        stage.far.tells_members = False
        await stage.say("kick l")
        await stage.after(minutes=1)
        assert await witnessed(stage) == ["l True"]


async def test_a_slow_member_list_is_asked_again(tmp_path: Path):
    async with staged(tmp_path) as stage:
        stage.far.deaf = True
        await stage.say("kick l")
        stage.far.groups[G].pop("l")
        await stage.after(seconds=6)
        assert await witnessed(stage) == ["l True"]


async def test_a_refused_removal_is_settled_at_once(tmp_path: Path):
    async with staged(tmp_path) as stage:
        stage.far.faults = [Refused("不是管理员")]
        await stage.say("kick l")
        assert await witnessed(stage) == ["l False"]


async def test_settling_wakes_the_plugins_even_when_one_of_them_breaks(tmp_path: Path):
    plugin = make_plugin("broken")

    @plugin.on(RemovalSettled)
    async def breaks(event: RemovalSettled, ctx: Context[Any]) -> AsyncIterator[Action]:
        raise LookupError
        yield

    async with staged(tmp_path, plugin) as stage:
        await stage.say("kick l")
        assert await witnessed(stage) == ["l True"]
        assert await stage.states() == ["done"]


async def test_a_listener_that_hangs_does_not_stop_the_courier(tmp_path: Path):
    plugin = make_plugin("hangs")

    @plugin.on(RemovalSettled)
    async def hangs(event: RemovalSettled, ctx: Context[Any]) -> AsyncIterator[Action]:
        await asyncio.Event().wait()
        yield

    async with staged(tmp_path, plugin) as stage:
        stage.app.dispatcher.time_limit = timedelta(milliseconds=500)
        await stage.say("kick l")
        await stage.say("say hi")
        assert await stage.states() == ["done", "done"]


async def test_a_warning_about_a_case_is_told_when_it_is_out(tmp_path: Path):
    plugin = make_plugin("warner")

    @plugin.on(MessageReceived, when=lambda event: event.text == "warn")
    async def warn(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        yield SendText(group=event.group, case=7, text="请发红包", purpose=Purpose.ENFORCEMENT)

    async with staged(tmp_path, plugin) as stage:
        stage.far.connected = False
        await stage.say("warn")
        assert await witnessed(stage) == []
        stage.far.connected = True
        await stage.after(seconds=5)
        assert await witnessed(stage) == ["W7 True"]


# ---- dying


async def dying(stage: Stage, line: str, *, acts: bool) -> None:
    """The process dies inside the call, before or after the far side did what it was asked."""
    inside = asyncio.Event()

    async def hang(action: Action) -> None:
        if acts:
            stage.far.carry_out(action)
        inside.set()
        await asyncio.Event().wait()

    stage.far.faults = [hang]
    await stage.app.handle(stage.message(line))
    delivery = asyncio.create_task(stage.app.settle())
    await inside.wait()
    await stage.app.kill()
    delivery.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await delivery
    await stage.reopen()


@pytest.mark.parametrize("acts", [True, False], ids=["done", "not done"])
async def test_a_removal_is_done_once_though_the_process_died_inside_it(tmp_path: Path, acts: bool):
    async with staged(tmp_path) as stage:
        await dying(stage, "kick l", acts=acts)
        await stage.after(minutes=5)
        assert stage.far.removed == ["l"]
        assert await witnessed(stage) == ["l True"]


@pytest.mark.parametrize("acts", [True, False], ids=["said", "not said"])
async def test_a_message_is_never_said_twice_though_the_process_died_inside_it(tmp_path: Path, acts: bool):
    async with staged(tmp_path) as stage:
        await dying(stage, "say 你好", acts=acts)
        await stage.after(hours=1)
        assert stage.far.texts() == (["你好"] if acts else [])
        assert len(stage.far.notices) == 1


async def test_an_echo_from_before_the_death_is_evidence(tmp_path: Path):
    async with staged(tmp_path) as stage:

        async def said(_action: Action) -> None:
            await stage.echo("你好")
            raise Uncertain("broke")

        stage.far.faults = [said]
        await stage.app.handle(stage.message("say 你好"))
        await stage.app.courier.deliver_due()
        await stage.restart()
        await stage.after(hours=1)
        assert stage.far.notices == []
        assert await stage.states() == ["done"]


async def test_dying_before_the_call_loses_nothing(tmp_path: Path):
    async with staged(tmp_path) as stage:
        await stage.app.handle(stage.message("say 你好"))
        await stage.app.handle(stage.message("kick l"))
        await stage.restart()
        await stage.app.settle()
        assert stage.far.texts() == ["你好"]
        assert stage.far.removed == ["l"]
        assert await witnessed(stage) == ["l True"]


async def test_dying_at_every_commit_of_a_removal(tmp_path: Path):
    """Whatever was the last thing written, the removal is done once and told once."""
    for last in range(1, 12):
        async with staged(tmp_path / str(last)) as stage:
            await stage.app.handle(stage.message("kick l"))
            begun = stage.app.writer.commits
            settling = asyncio.create_task(stage.app.settle())
            while stage.app.writer.commits < begun + last and not settling.done():  # noqa: ASYNC110
                await asyncio.sleep(0)
            finished = settling.done()
            await stage.app.kill()
            settling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await settling
            await stage.reopen()
            await stage.after(minutes=5)
            assert stage.far.removed == ["l"], last
            assert await witnessed(stage) == ["l True"], last
            assert await stage.states() == ["done"], last
        if finished:
            break
    assert last >= 3


@pytest.mark.file_only
async def test_a_disk_that_refuses_after_the_call_does_not_say_it_again(tmp_path: Path):
    async with staged(tmp_path) as stage:
        await stage.app.handle(stage.message("say 你好"))

        await stage.app.writer.run(lambda work: work.connection.exec_driver_sql("PRAGMA busy_timeout=10"))
        other = sqlite3.connect(stage.database, isolation_level=None)

        async def locks(_action: Action) -> None:
            other.execute("BEGIN IMMEDIATE")

        stage.far.faults = [locks]
        with pytest.raises(OperationalError, match="locked"):
            await stage.app.courier.deliver_due()
        assert stage.far.texts() == ["你好"]
        other.close()
        await stage.app.settle()
        assert stage.far.texts() == ["你好"]
        assert await stage.states() == ["done"]


async def test_ids_that_come_again_do_not_silence_a_removal(tmp_path: Path):
    """Rows that are old are deleted; a number used again must not look like a fact already told."""
    async with staged(tmp_path) as stage:
        await stage.say("kick l")
        await stage.app.writer.run(lambda work: work.execute(outbox.delete()))
        await stage.restart()
        stage.far.groups[G]["w"] = XIAOWANG
        await stage.say("kick w", XIAOLI)
        assert [row.id for row in await stage.parcels()] == [1]
        assert await witnessed(stage) == ["l True", "w True"]


async def test_a_notice_needs_no_connection_and_no_pace(tmp_path: Path):
    async with staged(tmp_path) as stage:
        stage.far.connected = False
        await stage.say("tell 掉线了")
        assert [a for a in stage.far.actions if isinstance(a, NotifyAdmins)]


@pytest.mark.file_only
async def test_a_thousand_rows_in_one_go(tmp_path: Path):
    async with staged(tmp_path) as stage:
        await asyncio.gather(
            *(stage.app.handle(stage.message(f"say {n}", ADMIN, group=f"g{n % 20}")) for n in range(600))
        )
        await stage.after(minutes=3)
        assert len(stage.far.sent) == 600
        for group in range(20):
            texts = [int(text) for text in stage.far.texts(f"g{group}")]
            assert texts == sorted(texts)
