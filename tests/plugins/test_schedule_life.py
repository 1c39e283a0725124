"""Test: schedules over restarts, downtime and changed zones: each once, never a flood, what was missed is told once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from bot.actions import NotifyAdmins, SendText
from plugins.schedule import plugin
from plugins.schedule.tables import entries
from tests.engine.stage import ADMIN, Stage, running_app


@asynccontextmanager
async def stage_with(tmp_path: Path, *lines: str) -> AsyncIterator[Stage]:
    async with running_app(tmp_path, plugin) as stage:
        for line in lines:
            await stage.say(f"/定时 {line}", ADMIN)
            await stage.say("确认", ADMIN)
        yield stage


def said(stage: Stage) -> list[str]:
    return [action.text for action in stage.far.actions if isinstance(action, SendText) and not action.to]


async def away(stage: Stage, **span: float) -> None:
    """The process is gone for so long."""
    await stage.crash()
    stage.clock.set(stage.clock.now() + timedelta(**span))
    await stage.reopen()
    await stage.app.settle()
    await stage.after(minutes=5)


async def test_what_was_late_is_said_once_and_what_was_missed_often_not_in_a_flood(tmp_path: Path):
    async with stage_with(tmp_path, "每小时 9点到21点 发 喝水") as stage:
        await away(stage, hours=6, minutes=30)
        assert said(stage).count("喝水") == 1


async def test_what_is_too_late_is_told_to_the_admins_in_one_message(tmp_path: Path):
    async with stage_with(tmp_path, "每天 12:00 发 午读", "每天 13:00 发 午休") as stage:
        start = stage.clock.now()
        await away(stage, days=3)
        assert said(stage).count("午读") + said(stage).count("午休") <= 2
        told = [row.action for row in await stage.parcels() if isinstance(row.action, NotifyAdmins)]
        told += [row.action for row in await stage.parcels() if isinstance(row.action, SendText) and row.action.to]
        missed = [action.text for action in told if "错过了" in action.text]
        assert len(missed) >= 1
        assert "午读" in missed[0]
        assert "午休" in missed[0]
        assert (stage.clock.now() - start).days == 3


async def test_a_kill_at_the_very_moment_says_it_once(tmp_path: Path):
    async with stage_with(tmp_path, "每天 12:00 发 午读") as stage:
        [row] = await stage.rows(entries)
        for _ in range(3):
            [row] = await stage.rows(entries)
            await stage.app.advance(row["next_at"])
            await stage.restart()
            await stage.app.settle()
            await stage.after(hours=1)
        assert said(stage).count("午读") == 3
        assert [row["sent_count"] for row in await stage.rows(entries)] == [3]


async def test_a_group_that_moves_hears_it_at_nine_in_its_new_zone(tmp_path: Path):
    async with stage_with(tmp_path, "每天 9:00 发 早安") as stage:
        await stage.app.set_setting("g1", "bot.timezone", "America/New_York")
        await stage.after(hours=30)
        [row] = await stage.rows(entries)
        new_york = stage.app.book.info("g1").zone
        assert row["next_at"].astimezone(new_york).hour == 9
        assert 1 <= said(stage).count("早安") <= 2


async def test_sixty_seconds_are_sixty_seconds(tmp_path: Path):
    async with running_app(tmp_path, plugin) as stage:
        await stage.say("/定时 每天 9:00 发 早安", ADMIN)
        await stage.after(seconds=61)
        await stage.say("确认", ADMIN)
        assert await stage.count(entries) == 0
