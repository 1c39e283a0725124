"""Test: the windows of the digest: together they hold every message once, whatever comes late and whoever dies."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.actions import SendText
from bot.model import Member
from bot.storage.tables import messages
from plugins.digest import plugin
from plugins.digest.tables import windows, words
from tests.engine.stage import ADMIN, OWNER, XIAOLI, XIAOWANG, FarSide, Stage, running_app


async def chat(stage: Stage, *lines: tuple[Member, str], late: timedelta = timedelta(0)) -> None:
    for who, text in lines:
        await stage.handle(stage.message(text, who, at=stage.clock.now() - late))


async def next_evening(stage: Stage) -> None:
    """Past five to nine in the evening, where the group lives."""
    at = stage.clock.now().astimezone(UTC).replace(hour=13, minute=0)
    await stage.app.advance(at if at > stage.clock.now() else at + timedelta(days=1))


def holds_each_once(found: Sequence[dict[str, Any]], numbers: Sequence[int]) -> None:
    """The windows stand end to end, and each message lies in exactly one."""
    assert [one["after_no"] for one in found] == [0, *(one["upto_no"] for one in found[:-1])]
    inside = [sum(1 for one in found if one["after_no"] < number <= one["upto_no"]) for number in numbers]
    assert inside == [1] * len(numbers)


async def test_windows_are_gapless_and_never_overlap(tmp_path: Path):
    async with running_app(tmp_path, plugin) as stage:
        for day in range(6):
            await chat(
                stage,
                (XIAOLI, f"第 {day} 天的书目来啦"),
                (XIAOWANG, "书目看到了"),
                (OWNER, f"决定了，第 {day} 天就按计划来"),
            )
            if day == 1:
                await stage.restart()
            if day == 2:
                # The bot is away over the time of one window.
                await stage.crash()
                stage.clock.set(stage.clock.now() + timedelta(days=1, hours=6))
                await stage.reopen()
            if day == 3:
                # What the gateway brings up later has the time at which it was said, in a window long closed.
                await chat(stage, (XIAOWANG, "昨天说的，今天才到"), late=timedelta(hours=30))
            await next_evening(stage)
        found = await stage.rows(windows)
        assert len(found) >= 5
        habits = {row["word"]: row["windows"] for row in await stage.rows(words)}
        assert habits["书目"] == len(found)
        assert all(one["state"] == "done" for one in found)
        last = found[-1]["upto_no"]
        holds_each_once(found, [row["no"] for row in await stage.rows(messages) if row["no"] <= last])
        late = next(row["no"] for row in await stage.rows(messages) if row["text"] == "昨天说的，今天才到")
        assert late <= last


def _after(event: threading.Event, run: Callable[[str], str | bytes]) -> Callable[[str], str | bytes]:
    def waits(argument: str) -> str | bytes:
        assert event.wait(30)
        return run(argument)

    return waits


async def test_a_window_whose_errand_died_is_read_again_and_told_once(tmp_path: Path):
    async with running_app(tmp_path, plugin, digest__post=True) as stage:
        await chat(stage, (OWNER, "决定了，周六下午两点见"))
        [when] = [one for one in [await stage.app.schedule.next_at()] if one is not None]
        stage.clock.set(when)
        # The job is done and on disk, the thread has not answered: the process dies.
        dead = threading.Event()
        errands = stage.app.errands
        slow = {name: _after(dead, run) for name, run in errands.computations.items()}
        errands.computations = slow
        await stage.app.schedule.fire_due()
        await stage.restart()
        dead.set()
        assert [row["state"] for row in await stage.rows(windows)] == ["open"]
        await stage.after(minutes=5)
        await stage.restart()
        await stage.after(minutes=5)
        assert [row["state"] for row in await stage.rows(windows)] == ["done"]
        told = [one.text for one in stage.far.actions if isinstance(one, SendText)]
        assert sum("周六下午两点" in text for text in told) == 1


async def test_what_was_asked_in_the_group_is_answered_there_once(tmp_path: Path):
    async with running_app(tmp_path, plugin) as stage:
        await chat(stage, (OWNER, "决定了，周六下午两点见"))
        await stage.say("/摘要", XIAOLI)
        await stage.say("/摘要", XIAOLI)
        await stage.say("/摘要", ADMIN)
        told = [one.text for one in stage.far.actions if isinstance(one, SendText)]
        assert [("周六下午两点" in text, "刚看过" in text) for text in told] == [
            (True, False),
            (False, True),
            (True, False),
        ]


@pytest.mark.parametrize("day", [datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)])
async def test_days_with_other_lengths_have_one_window_each(tmp_path: Path, day: datetime):
    far = FarSide()
    far.clock.set(day - timedelta(days=1))
    async with running_app(tmp_path, plugin, far=far, bot__timezone="America/New_York") as stage:
        await chat(stage, (XIAOLI, "早"))
        await stage.after(days=3)
        found = await stage.rows(windows)
        assert len(found) == 3
        holds_each_once(found, [row["no"] for row in await stage.rows(messages)])


class Model:
    """A language model on loopback that answers what it is told to."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def reply(self, request: web.Request) -> web.Response:
        self.asked.append((await request.json())["messages"][1]["content"])
        return web.json_response({"choices": [{"message": {"content": self.answer}}]})


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("周六下午两点见面 [1]\n群主请大家吃饭", "· 周六下午两点见面（09:00 群主）"),
        ("群主请大家吃饭", "✅ 定下来的\n· 09:00 群主：决定了，周六下午两点见"),
    ],
)
async def test_a_model_words_it_and_adds_nothing(tmp_path: Path, answer: str, told: str):
    model = Model(answer)
    page = web.Application()
    page.router.add_post("/v1/chat/completions", model.reply)
    async with TestServer(page) as server:
        options = {
            "assistant__url": str(server.make_url("/v1")),
            "fetch__allow_hosts": ["127.0.0.1"],
            "digest__model": True,
            "digest__post": True,
        }
        async with running_app(tmp_path, plugin, **options) as stage:
            await chat(stage, (OWNER, "决定了，周六下午两点见"), (XIAOLI, "好的"))
            await next_evening(stage)
            said = [one.text for one in stage.far.actions if isinstance(one, SendText)]
    assert model.asked == ["[1] 09:00 群主: 决定了，周六下午两点见"]
    assert len(said) == 1
    assert said[0].partition("\n")[2] == told


async def test_a_model_that_is_away_changes_nothing(tmp_path: Path):
    options = {"assistant__url": "http://127.0.0.1:9/v1", "digest__model": True, "digest__post": True}
    async with running_app(tmp_path, plugin, **options) as stage:
        await chat(stage, (OWNER, "决定了，周六下午两点见"), (XIAOLI, "好的"))
        await next_evening(stage)
        said = [one.text for one in stage.far.actions if isinstance(one, SendText)]
    assert len(said) == 1
    assert "✅ 定下来的\n· 09:00 群主：决定了，周六下午两点见" in said[0]
