"""Test: the bot says why it is not ready, and silence counts only when somebody asked for it."""

from __future__ import annotations

from pathlib import Path

from bot.events import GatewayChanged
from bot.readiness import reasons
from tests.engine.stage import OWNER, XIAOWANG, running_app


async def test_silence_is_told_when_asked_for_and_only_people_break_it(tmp_path: Path):
    async with running_app(tmp_path, watch__silence="6h") as stage:
        await stage.say("早")
        await stage.after(hours=5)
        assert reasons(stage.app) == ()
        await stage.after(hours=2)
        assert reasons(stage.app) == ("已经 7 小时 没有收到任何消息",)
        await stage.roster(OWNER, XIAOWANG)
        await stage.handle(GatewayChanged(id="up", at=stage.clock.now(), up=True))
        assert len(reasons(stage.app)) == 1
        await stage.say("在")
        assert reasons(stage.app) == ()


async def test_silence_is_nothing_by_default(tmp_path: Path):
    async with running_app(tmp_path) as stage:
        await stage.after(days=10)
        assert reasons(stage.app) == ()


async def test_a_gateway_that_is_away_and_a_copy_that_failed(tmp_path: Path):
    async with running_app(tmp_path) as stage:
        stage.far.connected = False
        stage.app.upkeep.backup_trouble = "磁盘放不下一份备份"
        first, second = reasons(stage.app)
        assert first.startswith("网关没有连上")
        assert second == "每日备份没做成：磁盘放不下一份备份"
