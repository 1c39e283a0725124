"""Test: what is ordered from outside the chat goes the whole way: cases are opened, outcomes are told to the admins."""

from __future__ import annotations

from pathlib import Path

from bot.model import Member, Role
from bot.storage.tables import cases
from plugins.ad_guard import plugin as ad_guard
from plugins.backup import plugin as backup
from plugins.lottery import plugin as lottery
from plugins.moderation import plugin as moderation
from tests.engine.stage import ADMIN, XIAOWANG, G, Stage, running_app

CLERK = Member("console:ann", "ann（控制台）", Role.KEEPER)


async def order(stage: Stage, line: str, *, sure: bool = False) -> str:
    app, at = stage.app, stage.clock.now()
    do = app.dispatcher.rounds.order
    answer = await app.writer.run(lambda work: do(work, G, line, CLERK, at, f"order:{line}{sure}", sure=sure))
    app.look_at_parcels()
    await app.settle()
    return answer


async def test_a_case_that_an_order_opens_is_opened(tmp_path: Path):
    async with running_app(tmp_path, ad_guard, moderation) as stage:
        await stage.say("今晚八点老地方一起唱歌，谁来都欢迎", XIAOWANG)
        assert "小王" in await order(stage, "/广告 @小王")
        assert [(row["verdict"], row["member"]) for row in await stage.rows(cases)] == [("ad", XIAOWANG.id)]
        assert any("@小王" in said for said in stage.far.texts(G))


async def test_the_outcome_of_an_errand_is_told_to_the_admins(tmp_path: Path):
    async with running_app(tmp_path, backup) as stage:
        assert await order(stage, "/备份") == ""
        assert [notice for notice in stage.far.notices if notice.startswith("备份好了")]
        assert len(list((tmp_path / "backups" / "daily").glob("*.db"))) == 1


async def test_who_was_asked_by_the_page_is_not_asked_again(tmp_path: Path):
    async with running_app(tmp_path, lottery) as stage:
        await stage.say("/抽奖 书 20:00", ADMIN)
        await stage.say("参与", XIAOWANG)
        assert "确认" in await order(stage, "/取消 L1")
        assert "没有做" in await order(stage, "取消")
        assert "确认" not in await order(stage, "/取消 L1", sure=True)
        assert any("L1 已取消" in said for said in stage.far.texts(G))
