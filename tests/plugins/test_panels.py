"""Test: what the plugins show in the console: every panel, with something to show, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.events import MemberJoined
from bot.loader import find_plugins
from bot.panels import Panels
from bot.records import Panel
from bot.storage.work import Work
from tests.engine.stage import ADMIN, OWNER, XIAOLI, XIAOWANG, G, Stage, running_app

LINES = (
    "/商品 加 咖啡券 20分 x10 限1",
    "/抽奖 书 x2",
    "/取消 L1",
    "/抽奖 电影票 x1",
    "/加分 @小王 50 分享",
    "/警告 @小王 请不要刷屏",
    "/定时 每周一 9:00 发 早安",
    "确认",
    "/定时 每周二 9:00 发 你好",
    "确认",
    "/打卡 开始 读书 7天",
    "/成员 @小王 标签 +老师",
)


async def shown(stage: Stage, place: str, member: str = "") -> dict[str, Panel]:
    asks = Panels(stage.app.dispatcher.room, stage.app.plugins)

    async def ask(work: Work) -> list[Panel]:
        return await asks.of(work, place, G, member, stage.clock.now())

    return {panel.title: panel for panel in await stage.app.writer.run(ask)}


async def live_a_little(stage: Stage) -> None:
    for line in LINES:
        await stage.say(line, ADMIN)
    await stage.say("/定时 暂停 2", ADMIN)
    await stage.say("/兑换 咖啡券", XIAOWANG)
    await stage.say("/打卡 读了三页", XIAOWANG)
    joined = MemberJoined(id="join", at=stage.clock.now(), group=G, member=XIAOLI, inviter=XIAOWANG)
    await stage.handle(joined)
    await stage.after(minutes=1)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_panel_shows_what_there_is(tmp_path: Path, language: str) -> None:
    plugins = find_plugins()
    offered = [offer for plugin in plugins for offer in plugin.panels]
    about = {"bot__language": language, "welcome__enabled": False}
    async with running_app(tmp_path, *plugins, members=(OWNER, ADMIN, XIAOWANG), **about) as stage:
        await live_a_little(stage)
        activity, member = await shown(stage, "activity"), await shown(stage, "member", XIAOWANG.id)
    titles = {
        "zh-CN": ({"抽奖", "商品", "等着发货", "打卡", "定时"}, {"积分", "案件和提醒", "邀请", "标签"}),
        "en": (
            {"Lotteries", "Goods", "Waiting to be handed out", "Check-ins", "Schedules"},
            {"Points", "Cases and warnings", "Invitations", "Tags"},
        ),
    }[language]
    assert set(activity) >= titles[0]
    assert set(member) >= titles[1]
    assert {offer.plugin for offer in offered} >= {"entry", "quiet", "lottery", "shop", "invite", "points", "stats"}
    for panel in (*activity.values(), *member.values()):
        assert "failed" not in panel.hint, panel
        assert all(len(row.cells) == len(panel.columns) for row in panel.rows), panel
        for row in panel.rows:
            for deed in row.deeds:
                line = stage.app.dispatcher.room.registry.parse(deed.line)
                assert line is not None and line.command is not None, deed.line  # noqa: PT018


async def test_deeds_stand_only_where_they_can_be_done(tmp_path: Path) -> None:
    async with running_app(tmp_path, *find_plugins(), members=(OWNER, ADMIN, XIAOWANG)) as stage:
        await live_a_little(stage)
        activity = await shown(stage, "activity")
    lotteries = {row.cells[0]: [deed.line for deed in row.deeds] for row in activity["抽奖"].rows}
    assert lotteries == {"L2": ["/开奖 L2", "/取消 L2"], "L1": []}
    schedules = [[deed.line for deed in row.deeds] for row in activity["定时"].rows]
    assert schedules == [["/定时 暂停 1", "/定时 删 1"], ["/定时 恢复 2", "/定时 删 2"]]


async def test_nothing_to_show_shows_nothing(tmp_path: Path) -> None:
    async with running_app(tmp_path, *find_plugins(), members=(OWNER, ADMIN, XIAOWANG)) as stage:
        assert await shown(stage, "activity") == {}
