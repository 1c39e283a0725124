"""Test: ad_guard on the real engine: what opens a case, what does not, and what admins teach it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model import Kind, Member
from bot.storage.tables import cases, messages
from bot.storage.work import Work
from plugins.ad_guard import plugin as ad_guard
from plugins.ad_guard.tables import lessons
from plugins.moderation import plugin as moderation
from tests.engine.stage import ADMIN, OWNER, XIAOLI, XIAOWANG, Stage, make_plugin, running_app

AD = "需要代理的加薇 abc12345，日结，名额有限"


async def opened(stage: Stage) -> list[str]:
    return [row["verdict"] for row in await stage.rows(cases)]


async def test_an_ad_is_a_case_with_its_reasons(tmp_path: Path):
    async with running_app(tmp_path, ad_guard) as stage:
        event = await stage.say(AD)
        (case,) = await stage.rows(cases)
        assert (case["member"], case["verdict"], case["plugin"]) == ("w", "ad", "ad_guard")
        assert (case["message_id"], case["text"]) == (event.id, AD)
        assert case["signals"][0][0] == "score"
        assert "得分" in case["signals"][0][1]
        assert {"wechat_id", "agency"} <= {signal[0] for signal in case["signals"]}


async def test_admins_the_exempt_and_private_chats_are_left_alone(tmp_path: Path):
    async with running_app(tmp_path, ad_guard, moderation) as stage:
        await stage.say(AD, ADMIN)
        await stage.say(AD, OWNER)
        await stage.say("/豁免 @小李", ADMIN)
        await stage.say(AD, XIAOLI)
        await stage.say(AD, XIAOWANG, group="")
        assert await opened(stage) == []


async def test_nothing_is_asked_of_the_file_for_an_ordinary_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []
    execute = Work.execute

    async def watched(self: Work, statement: Any, parameters: Any = None, *, alone: bool = False) -> Any:
        asked.append(str(statement))
        return await execute(self, statement, parameters, alone=alone)

    monkeypatch.setattr(Work, "execute", watched)
    counts = []
    for plugin in (make_plugin(), ad_guard):
        async with running_app(tmp_path / plugin.name, plugin) as stage:
            await stage.say("大家早上好")
            asked.clear()
            await stage.say("今天三点开会，13:00 集合，别迟到")
            counts.append(len(asked))
            asked.clear()
            await stage.say("加我微信 abc12345")
            counts.append(len(asked))
    assert counts[0] == counts[2]
    assert counts[3] > counts[1], "a cue is worth a look at the sender"


async def test_pieces_within_two_minutes_are_one_text(tmp_path: Path):
    async with running_app(tmp_path, ad_guard) as stage:
        await stage.say("兼职的看过来")
        await stage.after(seconds=20)
        await stage.say("加我微信聊")
        assert await opened(stage) == []
        await stage.after(seconds=20)
        await stage.say("日结200，私聊我")
        assert len(await opened(stage)) == 1
        (case,) = await stage.rows(cases)
        assert "兼职的看过来" in case["text"]


async def test_pieces_an_hour_apart_are_talk(tmp_path: Path):
    async with running_app(tmp_path, ad_guard) as stage:
        for text in ("兼职的看过来", "加我微信聊", "日结200"):
            await stage.say(text)
            await stage.after(hours=1)
        assert await opened(stage) == []


async def test_pieces_of_two_people_are_not_put_together(tmp_path: Path):
    async with running_app(tmp_path, ad_guard) as stage:
        await stage.say("兼职的看过来", XIAOWANG)
        await stage.say("日结200，私聊我", XIAOLI)
        await stage.say("加我微信聊", XIAOWANG)
        assert await opened(stage) == []


async def test_joining_can_be_switched_off(tmp_path: Path):
    async with running_app(tmp_path, ad_guard, ad_guard__join_within="0s") as stage:
        for text in ("兼职的看过来", "加我微信聊", "日结200，私聊我"):
            await stage.say(text)
        assert await opened(stage) == []


async def test_a_newcomer_is_one_until_they_have_talked(tmp_path: Path):
    newcomer = Member("n", "新人")
    async with running_app(tmp_path, ad_guard) as stage:
        await stage.handle(stage.joined(newcomer))
        for text in ("大家好呀", "这里真热闹", "今天学到了"):
            await stage.say(text, newcomer)
        await stage.say("", newcomer, kind=Kind.CARD, title="装修张师傅")
        assert await opened(stage) == []
        second = Member("m", "另一个新人")
        await stage.handle(stage.joined(second))
        await stage.say("", second, kind=Kind.CARD, title="装修张师傅")
        assert await opened(stage) == ["suspect"]


async def test_a_week_makes_an_old_member(tmp_path: Path):
    newcomer = Member("n", "新人")
    async with running_app(tmp_path, ad_guard) as stage:
        await stage.handle(stage.joined(newcomer))
        stage.clock.set(stage.clock.now() + timedelta(days=8))
        await stage.say("", newcomer, kind=Kind.CARD, title="装修张师傅")
        assert await opened(stage) == []


async def test_a_sure_ad_overrules_an_open_suspicion(tmp_path: Path):
    async with running_app(tmp_path, ad_guard, moderation) as stage:
        for text in ("大家早上好", "今天天气真不错", "晚上谁去跑步"):
            await stage.say(text)
        await stage.say(AD)
        await stage.after(seconds=40)
        await stage.say("需要代理的加薇 zz998877，日结，名额有限")
        first, second = await stage.rows(cases)
        assert (first["verdict"], first["state"]) == ("suspect", "closed")
        assert (second["verdict"], second["state"]) == ("ad", "warned")
        await stage.after(minutes=4)
        assert stage.far.removed == ["w"]


async def test_what_was_cleared_passes_after_a_restart_and_only_in_its_group(tmp_path: Path):
    async with running_app(tmp_path, ad_guard, moderation) as stage:
        await stage.roster(OWNER, ADMIN, XIAOWANG, group="g2", topic="二群")
        await stage.say(AD)
        await stage.say("/误判 W1", ADMIN)
        await stage.restart()
        await stage.say("需要代理的加薇：abc12345 日结 名额有限！")
        assert await stage.count(cases) == 1
        await stage.say(AD, group="g2")
        assert await stage.count(cases) == 2
        assert [(row["group"], row["kind"]) for row in await stage.rows(lessons)] == [("g1", "ham")]


async def test_pointing_out_a_cleared_text_takes_the_clearance_back(tmp_path: Path):
    async with running_app(tmp_path, ad_guard, moderation) as stage:
        await stage.say(AD)
        await stage.say("/误判 W1", ADMIN)
        await stage.say(AD, XIAOLI)
        await stage.say("/广告 @小李", ADMIN)
        assert [row["verdict"] for row in await stage.rows(cases)] == ["ad", "ad"]
        await stage.after(minutes=4)
        assert stage.far.removed == ["l"]
        await stage.say(AD, XIAOWANG)
        assert await stage.count(cases) == 3


async def test_a_repeated_event_opens_one_case(tmp_path: Path):
    async with running_app(tmp_path, ad_guard) as stage:
        event = stage.message(AD)
        await stage.handle(event, event, event)
        assert await stage.count(cases) == 1
        assert len([row for row in await stage.rows(messages) if row["id"] == event.id]) == 1
