"""Test: briefs go out once, in time or not at all, and with one block fewer rather than not."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import blocks
from bot.actions import SendImage, SendText
from bot.context import Context
from bot.events import MemberForgotten
from bot.loader import load_plugin
from bot.model import Capability
from bot.plugin import Plugin
from bot.storage.tables import notes
from plugins.leaderboard.tables import days
from tests.engine.stage import ADMIN, XIAOWANG, FarSide, G, make_plugin, running_app

BRIEF, LEADERBOARD = load_plugin("brief"), load_plugin("leaderboard")
EIGHT = datetime(2026, 1, 6, 0, 0, tzinfo=UTC)
"""Tuesday 08:00 in Shanghai."""


@pytest.mark.parametrize(
    ("away_until", "said"),
    [(timedelta(minutes=-2), 0), (timedelta(0), 1), (timedelta(minutes=118), 1), (timedelta(minutes=121), 0)],
    ids=["not yet", "in time", "two hours late", "too late"],
)
async def test_a_bot_that_was_away(tmp_path: Path, away_until: timedelta, said: int):
    async with running_app(tmp_path, BRIEF, brief__evening="off") as stage:
        await stage.after(minutes=1)
        await stage.crash()
        stage.clock.set(EIGHT + away_until)
        await stage.reopen()
        await stage.after(minutes=1)
        assert len(stage.far.texts()) == said
        await stage.after(hours=3)
        assert len(stage.far.texts()) == max(said, int(away_until < timedelta(0)))
        if said:
            assert "1月6日 星期二 · 农历冬月十八" in stage.far.texts()[0]


async def test_two_weeks_of_mornings_and_evenings_each_once(tmp_path: Path):
    async with running_app(tmp_path, BRIEF) as stage:
        for _ in range(14):
            await stage.after(days=1)
            await stage.restart()
            await stage.app.settle()
        days = [text.split("\n")[1].split(" · ")[0] for text in stage.far.texts()]
        assert len(days) == 28
        assert days[0] == "1月5日 星期一"
        assert all(days.count(day) == 2 for day in set(days[1:-1])), "one in the morning, one in the evening"


def blocky() -> Plugin[Any]:
    """Offers blocks of every bad kind beside good ones."""
    plugin = make_plugin("blocky", tables=())

    @plugin.block("good", "好的")
    async def good(ctx: Context[Any], day: date, edition: str) -> str:
        return f"{edition} {day} {ctx.plugin} {ctx.group.id}"

    @plugin.block("wrong", "坏的")
    async def wrong(ctx: Context[Any], day: date, edition: str) -> str:
        raise RuntimeError("no such day")

    @plugin.block("writes", "写的")
    async def writes(ctx: Context[Any], day: date, edition: str) -> str:
        await ctx.notes.set("half", "done")
        raise ValueError("after all")

    @plugin.block("hangs", "慢的")
    async def hangs(ctx: Context[Any], day: date, edition: str) -> str:
        await asyncio.Event().wait()
        return "never"

    @plugin.block("long", "长的")
    async def long(ctx: Context[Any], day: date, edition: str) -> str:
        return "\n".join("行" * 100)

    @plugin.block("empty", "空的")
    async def empty(ctx: Context[Any], day: date, edition: str) -> str:
        return ""

    return plugin


async def test_a_block_that_fails_hangs_or_talks_too_long_is_left_out_with_a_line_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(blocks, "PATIENCE", 0.05)
    names = ("date", "wrong", "writes", "hangs", "long", "empty", "nobody_has_it", "good")
    async with running_app(tmp_path, BRIEF, blocky(), brief__morning_blocks=names) as stage:
        with caplog.at_level(logging.WARNING):
            await stage.app.advance(EIGHT)
        said = stage.far.texts()[-1].split("\n")
        assert said[1:-1] == ["1月6日 星期二 · 农历冬月十八", "morning 2026-01-06 blocky g1"]
        assert [record.getMessage() for record in caplog.records] == [
            "brief block left out: wrong in g1 on 2026-01-06: RuntimeError: no such day",
            "brief block left out: writes in g1 on 2026-01-06: ValueError: after all",
            "brief block left out: hangs in g1 on 2026-01-06: took too long",
            "brief block left out: long in g1 on 2026-01-06: the brief is full",
        ]
        assert [row["key"] for row in await stage.rows(notes)] == [], "what a failing block wrote is undone"
        await stage.say("/早报 预览", ADMIN)
        assert stage.far.texts()[-2].split("\n")[1:-1] == said[1:-1]
        wrong = "出了错，日志里有详情"
        left_out = f"没写进去的：坏的：{wrong}；写的：{wrong}；慢的：两秒还没写好；长的：太长，放不下"
        assert stage.far.texts()[-1] == left_out


async def test_a_gateway_that_is_away_too_long_takes_the_brief_with_it(tmp_path: Path):
    for hours, said in ((1.9, 1), (2.1, 0)):
        folder = tmp_path / str(hours)
        folder.mkdir()
        async with running_app(folder, BRIEF, brief__evening="off") as stage:
            await stage.app.advance(EIGHT - timedelta(minutes=1))
            stage.far.connected = False
            await stage.app.advance(EIGHT + timedelta(hours=hours))
            stage.far.connected = True
            await stage.after(minutes=20 if not said else 5)
            assert len(stage.far.texts()) == said
            assert (await stage.states()) == (["done"] if said else ["expired"])


async def test_quiet_hours_hold_a_brief_back_and_do_not_eat_it(tmp_path: Path):
    given = {"brief__morning": "04:30", "brief__evening": "off", "policy__quiet": "23:00-07:00"}
    async with running_app(tmp_path, BRIEF, **given) as stage:
        await stage.app.advance(EIGHT - timedelta(hours=1, seconds=1))
        assert stage.far.texts() == []
        await stage.app.advance(EIGHT - timedelta(minutes=59))
        assert len(stage.far.texts()) == 1


async def test_a_bot_that_dies_while_it_paints_sends_the_text(tmp_path: Path):
    async with running_app(tmp_path, BRIEF, brief__evening="off", brief__form="card") as stage:
        await stage.app.advance(EIGHT - timedelta(seconds=1))
        stage.clock.set(EIGHT)
        await stage.app.schedule.fire_due()
        await stage.restart()
        await stage.app.settle()
        assert stage.far.actions == []
        await stage.after(minutes=3)
        assert [type(action) for action in stage.far.actions] == [SendText]
        assert stage.far.texts()[0].startswith("早安")
        await stage.after(days=1)
        assert [type(action) for action in stage.far.actions] == [SendText, SendImage]


async def test_a_picture_that_cannot_be_painted_is_sent_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fails(argument: str) -> bytes:
        raise ValueError("no paint")

    monkeypatch.setitem(BRIEF.computations, "card", fails)
    async with running_app(tmp_path, BRIEF, brief__evening="off", brief__form="card") as stage:
        await stage.app.advance(EIGHT)
        assert [type(action) for action in stage.far.actions] == [SendText]
        await stage.after(minutes=10)
        assert len(stage.far.actions) == 1
        await stage.say("/早报 预览", ADMIN)
        assert stage.far.texts()[-1] == "图没画成，到点会发文字"
        await stage.say("/早报 图 关", ADMIN)
        await stage.say("/早报 预览", ADMIN)
        assert stage.far.texts()[-1].startswith("早安")


async def test_where_no_picture_can_be_sent_the_text_goes_out(tmp_path: Path):
    far = FarSide(can=frozenset(Capability) - {Capability.IMAGE})
    async with running_app(tmp_path, BRIEF, far=far, brief__evening="off", brief__form="card") as stage:
        await stage.app.advance(EIGHT)
        assert [type(action) for action in stage.far.actions] == [SendText]


async def test_who_is_forgotten_has_no_birthday_and_no_days(tmp_path: Path):
    async with running_app(tmp_path, BRIEF, LEADERBOARD, brief__evening="off") as stage:
        await stage.say("/生日 1月6日", XIAOWANG)
        await stage.say("今天读第三章", XIAOWANG)
        await stage.app.advance(EIGHT)
        assert "今天生日：小王" in stage.far.texts()[-1]
        assert await stage.count(days) == 1
        await stage.handle(MemberForgotten(id="f1", at=stage.clock.now(), group=G, member=XIAOWANG))
        assert await stage.count(days) == 0
        await stage.say("/生日", XIAOWANG)
        assert "还没有记你的生日" in stage.far.texts()[-1]


async def test_days_that_were_left_open_are_added_up_later(tmp_path: Path):
    async with running_app(tmp_path, LEADERBOARD) as stage:
        for day in range(6):
            await stage.say(f"第 {day} 天说的话", XIAOWANG)
            stage.clock.set(stage.clock.now() + timedelta(days=1))
        await stage.app.settle()
        await stage.after(days=1)
        assert await stage.count(days) == 6
        await stage.say("/活跃榜 本月", XIAOWANG)
        assert stage.far.texts()[-1] == "@小王 🏆 本月活跃榜\n1. 小王 6\n你：第 1 名，6 条"
