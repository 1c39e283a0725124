"""Test: briefs go out once, in time or not at all, and with one block fewer rather than not."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import ManualClock
from bot.context import Context
from bot.loader import find_plugins
from plugins.brief.block import BLOCKS
from tests.engine.stage import ADMIN, FarSide, running_app

BRIEF = next(plugin for plugin in find_plugins() if plugin.name == "brief")
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


async def test_a_failing_block_is_left_out_with_a_line_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async def broken(ctx: Context[Any], day: date) -> str:
        raise ValueError("no such day")

    monkeypatch.setitem(BLOCKS, "holiday", broken)
    async with running_app(tmp_path, BRIEF) as stage:
        with caplog.at_level(logging.WARNING, logger="plugins.brief.block"):
            await stage.app.advance(EIGHT)
        morning = stage.far.texts()[-1]
        assert "1月6日 星期二" in morning
        assert "昨天" in morning
        assert [record.getMessage() for record in caplog.records if record.name == "plugins.brief.block"] == [
            "brief block left out: holiday in g1 on 2026-01-06: ValueError('no such day')"
        ]


async def test_a_brief_is_never_longer_than_twelve_lines(tmp_path: Path):
    far = FarSide(clock=ManualClock(datetime(2026, 9, 24, 2, 0, tzinfo=UTC)))
    async with running_app(tmp_path, BRIEF, far=far, brief__evening="off") as stage:
        for hour in range(10, 17):
            await stage.say(f"/任务 明天 {hour}:30 {'长到一行放不下也要放在一行里，' * 5}", ADMIN)
        await stage.app.advance(datetime(2026, 9, 25, 0, 0, tzinfo=UTC))
        assert "今日任务" in stage.far.texts()[-1]
        assert stage.far.texts()[-1].count("\n") < 12


async def test_a_task_notice_two_hours_late_still_comes_and_later_does_not(tmp_path: Path):
    for away, said in ((timedelta(minutes=118), 1), (timedelta(hours=3), 0)):
        folder = tmp_path / str(said)
        folder.mkdir()
        async with running_app(folder, BRIEF, brief__morning="off", brief__evening="off") as stage:
            await stage.say("/任务 10:00 交作业", ADMIN)
            before = len(stage.far.texts())
            await stage.crash()
            stage.clock.set(datetime(2026, 1, 5, 2, 0, tzinfo=UTC) + away)
            await stage.reopen()
            await stage.after(minutes=1)
            assert len(stage.far.texts()) - before == said
