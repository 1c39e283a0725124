"""Test: what is ordered from outside the chat goes the whole way: cases are opened, outcomes are told to the admins."""

from __future__ import annotations

from pathlib import Path

from bot.model import Member, Role
from bot.storage.tables import cases
from plugins.ad_guard import plugin as ad_guard
from plugins.backup import plugin as backup
from plugins.moderation import plugin as moderation
from tests.engine.stage import XIAOWANG, G, Stage, running_app

CLERK = Member("console:ann", "ann（控制台）", Role.KEEPER)


async def order(stage: Stage, line: str) -> str:
    app, at = stage.app, stage.clock.now()
    answer = await app.writer.run(lambda work: app.dispatcher.rounds.order(work, G, line, CLERK, at, f"order:{line}"))
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
