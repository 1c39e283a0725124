"""Test: the board: what waits for its hour is called by what it will do, and by the number people know it by."""

from __future__ import annotations

from pathlib import Path

from bot.board import AppBoard
from plugins.lottery import plugin as lottery
from plugins.points import plugin as points
from plugins.shop import plugin as shop
from tests.engine.stage import ADMIN, XIAOWANG, G, running_app


async def test_a_timer_is_called_by_what_it_does(tmp_path: Path):
    async with running_app(tmp_path, lottery, points, shop) as stage:
        await stage.say("/加分 @小王 50", ADMIN)
        await stage.say("/商品 加 咖啡券 20分 x10", ADMIN)
        await stage.say("/兑换 1", XIAOWANG)
        await stage.say("/抽奖 书 x1 10分钟", ADMIN)
        titles = [line.text for line in await AppBoard(stage.app).scheduled(G, 20)]
    assert "兑换没发货，到期退积分（D1）" in titles
    assert "把新的兑换告诉管理员" in titles
    assert "开奖（L1）" in titles


async def test_every_kind_of_timer_has_a_name_of_its_own(tmp_path: Path):
    async with running_app(tmp_path) as stage:
        board = AppBoard(stage.app)
        asked = [
            ("lottery", "claim:3", "领奖到期（L3）"),
            ("lottery", "repeat:周五福利", "按模板办抽奖"),
            ("moderation", "case:34", "等红包到期（W34）"),
            ("moderation", "close:34", "案件结束，不再合并（W34）"),
            ("shop", "rush:2", "公布抢到的人"),
            ("topic", "close:1", "答疑结束"),
            ("brief", "morning", "早报"),
            ("parlour", "tea:4", "parlour · tea:4"),
        ]
        assert [board.plan_title(plugin, name) for plugin, name, _ in asked] == [title for *_, title in asked]
