"""Test: newcomers who keep silent are asked in once, together, by day, whatever the bot lives through."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions import SendText
from bot.events import MemberIntroduced
from bot.loader import find_plugins
from bot.model import Member
from bot.storage.tables import notes, timers
from plugins.newcomer.follow_up import waking
from plugins.newcomer.plugin import Settings
from tests.engine.stage import ADMIN, Stage, make_plugin, running_app

PLUGINS = {plugin.name: plugin for plugin in find_plugins()}
NEWCOMER, INTRODUCTION = PLUGINS["newcomer"], PLUGINS["introduction"]
NEW = Member("a", "小陈")


def asked(stage: Stage) -> list[Sequence[str]]:
    said = [action for action in stage.far.actions if isinstance(action, SendText)]
    return [[member.id for member in action.mentions] for action in said if "打过招呼" in action.text]


async def away(stage: Stage, **span: float) -> None:
    await stage.crash()
    stage.clock.set(stage.clock.now() + timedelta(**span))
    await stage.reopen()
    await stage.app.settle()


@pytest.mark.parametrize("moment", [0, 86_399, 86_401])
async def test_exactly_once_through_a_crash_at_any_moment(tmp_path: Path, moment: int):
    async with running_app(tmp_path, NEWCOMER) as stage:
        await stage.handle(stage.joined(NEW))
        await stage.after(seconds=moment)
        await stage.restart()
        await stage.after(days=4)
        assert asked(stage) == [["a"]]


async def test_a_bot_that_wakes_at_night_waits_for_the_morning(tmp_path: Path):
    async with running_app(tmp_path, NEWCOMER) as stage:
        await stage.handle(stage.joined(NEW))
        await away(stage, hours=42)  # It is three in the morning.
        assert asked(stage) == []
        await stage.after(hours=7)
        assert asked(stage) == [["a"]]


async def test_after_days_away_nobody_is_asked_any_more(tmp_path: Path):
    async with running_app(tmp_path, NEWCOMER) as stage:
        await stage.handle(stage.joined(NEW))
        await away(stage, days=4, hours=2)
        await stage.after(days=2)
        assert asked(stage) == []
        assert await stage.count(timers) == 0
        assert await stage.count(notes) == 0


async def test_five_hundred_in_ten_minutes_are_greeted_a_minute_at_a_time_and_asked_together(tmp_path: Path):
    people = [Member(f"m{n:03}", f"新人{n:03}") for n in range(500)]
    async with running_app(tmp_path, PLUGINS["welcome"], NEWCOMER) as stage:
        for start in range(0, 500, 25):
            await asyncio.gather(*(stage.app.handle(stage.joined(who)) for who in people[start : start + 25]))
            await stage.after(seconds=30)
        for who in people[:3]:
            await stage.say("大家好", by=who)
        await stage.after(minutes=2)
        greetings = stage.far.texts()
        assert len(greetings) <= 11
        greeted = [member.id for action in stage.far.actions for member in action.mentions]  # type: ignore[attr-defined]
        assert len(greeted) == len(set(greeted))
        counted = [re.search(r"等 (\d+) 人", text) for text in greetings]
        told = [int(found[1]) if found else text.count("@") for found, text in zip(counted, greetings, strict=True)]
        assert sum(told) == 500
        await stage.after(days=3)
        [named] = asked(stage)
        assert named == [who.id for who in people[3:23]]
        assert "等 497 人" in stage.far.texts()[-1]


async def test_who_introduced_themselves_to_the_bot_alone_is_known(tmp_path: Path):
    async with running_app(tmp_path, NEWCOMER, INTRODUCTION) as stage:
        await stage.handle(stage.joined(NEW), stage.joined(Member("b", "小赵")))
        await stage.say("/介绍 陈晨-杭州-跨境电商", by=NEW, group="")
        await stage.after(days=3)
        assert asked(stage) == [["b"]]


async def test_no_fact_is_declared_twice(tmp_path: Path):
    heard: list[str] = []
    probe = make_plugin()

    @probe.on(MemberIntroduced)
    async def hear(event: MemberIntroduced, ctx: Any) -> Any:
        heard.append(f"{event.group}:{event.member.id}")
        return
        yield

    async with running_app(tmp_path, INTRODUCTION, probe) as stage:
        await stage.handle(stage.joined(NEW))
        for line in ("陈晨-杭州-跨境电商", "/介绍 改 职业 老师", "/介绍 删", "/介绍 陈晨-杭州-老师"):
            await stage.say(line, by=NEW)
        assert heard == ["g1:a"]


async def test_those_who_help_to_run_the_group_are_not_asked(tmp_path: Path):
    async with running_app(tmp_path, NEWCOMER) as stage:
        await stage.handle(stage.joined(Member("h", "新客服", ADMIN.role)))
        await stage.after(days=3)
        assert asked(stage) == []


@given(
    st.integers(0, 24 * 60 - 1),
    st.sampled_from(["off", "07:30", "09:00"]),
    st.sampled_from(["off", "12:00", "21:00"]),
)
def test_waking_hours(minute: int, first: str, last: str):
    zone = ZoneInfo("Asia/Shanghai")
    settings = Settings(not_before=first, not_after=last)  # type: ignore[arg-type]
    ctx: Any = SimpleNamespace(settings=settings, group=SimpleNamespace(zone=zone))
    moment = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(minutes=minute)
    found = waking(moment, ctx)
    local = found.astimezone(zone).time()
    assert moment <= found <= moment + timedelta(days=1)
    assert settings.not_before is None or local >= settings.not_before
    assert settings.not_after is None or local <= settings.not_after
    assert waking(found, ctx) == found
