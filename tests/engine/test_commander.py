"""Test: from a line to a call: which group, who is meant, who may, and what is said when not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.actions import Action, SendText
from bot.events import MessageReceived
from bot.model import Member, Role
from bot.plugin import Call, Context, Plugin
from tests.engine.stage import ADMIN, OWNER, XIAOLI, XIAOWANG, G, Stage, make_plugin, running_app

PRIVATE = ""


def office() -> tuple[Plugin[Any], list[tuple[Any, ...]]]:
    """Commands of every kind; what was called is kept."""
    plugin = make_plugin("office")
    calls: list[tuple[Any, ...]] = []

    def command(name: str, *aliases: str, **options: Any) -> None:
        @plugin.command(name, *aliases, usage="", example=f"/{name}", help=name, **options)
        async def run(call: Call, ctx: Context[Any]) -> AsyncIterator[Action]:
            calls.append((name, ctx.group.id, call.text, tuple(m.id for m in call.members), call.unknown))
            yield ctx.reply(call.event, f"ok {name}")

    command("签到", "checkin")
    command("踢", "kick", role=Role.MODERATOR)
    command("设置", role=Role.ADMIN)
    command("申诉", group=False)
    command("抽奖", private=False, role=Role.ADMIN)
    command("打卡", cooldown=timedelta(minutes=1))

    @plugin.command("启用", usage="", example="/启用", help="启用", role=Role.KEEPER)
    async def enable(call: Call, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.group_settings.enable(True, by=call.asker.id)
        yield ctx.reply(call.event, "我来了")

    @plugin.command("停用", usage="", example="/停用", help="停用", role=Role.OWNER)
    async def disable(call: Call, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.group_settings.enable(False, by=call.asker.id)
        yield ctx.reply(call.event, "再见")

    @plugin.on(MessageReceived)
    async def talk(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        calls.append(("talk", event.text))
        return
        yield

    return plugin, calls


async def ask(stage: Stage, text: str, by: Member = XIAOWANG, group: str = G, **more: Any) -> list[SendText]:
    """What the bot says to a line."""
    before = len(stage.far.sent)
    await stage.say(text, by, group, **more)
    return [action for action in stage.far.actions[before:] if isinstance(action, SendText)]


# ---- what is a command


@pytest.mark.parametrize(
    ("line", "called"),
    [
        ("/签到", ("签到", "")),
        ("／签到", ("签到", "")),
        (" /checkin", ("签到", "")),
        ("/CHECKIN", ("签到", "")),
        ("/签到　很好", ("签到", "很好")),
        ("/签到 “两 个” 词", ("签到", '"两 个" 词')),
        ("/签到\u200b", ("签到", "")),
        ("/签到！", ("签到", "")),
        ("/签到。。。", ("签到", "")),
        ("/簽到 很好", ("签到", "很好")),
        ("/ 签到", ("签到", "")),
    ],
)
async def test_forms_of_a_command(tmp_path: Path, line: str, called: tuple[str, str]):
    plugin, calls = office()
    async with running_app(tmp_path, plugin) as stage:
        await stage.say(line)
        assert [(c[0], c[2]) for c in calls] == [called]


@pytest.mark.parametrize("line", ["签到", "/", "//签到", "/*注释*/", "1/2", "", "  ", "@小李 签到"])
async def test_what_is_only_talk(tmp_path: Path, line: str):
    plugin, calls = office()
    async with running_app(tmp_path, plugin) as stage:
        assert await ask(stage, line) == []
        assert [c[0] for c in calls] == ["talk"]


async def test_speaking_to_the_bot_needs_no_slash(tmp_path: Path):
    plugin, calls = office()
    async with running_app(tmp_path, plugin) as stage:
        await stage.say("@群管家 签到", mentions_bot=True)
        await stage.say("@群管家\u2005/签到", mentions_bot=True)
        await stage.say("@群管家 你好", mentions_bot=True)
        assert [c[0] for c in calls] == ["签到", "签到", "talk"]


# ---- who is meant


@pytest.mark.parametrize(
    ("line", "people", "rest", "unknown"),
    [
        ("/签到 @小李", ("l",), "", ()),
        ("/签到@小李 好", ("l",), "好", ()),
        ("/签到 @小李\u2005@小王 好", ("l", "w"), "好", ()),
        ("/签到 ＠小李", ("l",), "", ()),
        ("/签到 @没有人 好", (), "好", ("没有人",)),
        ("/签到 @小王子 好", ("prince",), "好", ()),
        ("/签到 @小王子 @小王", ("prince", "w"), "", ()),
        ("/签到 @张 三 好", ("zs",), "好", ()),
        ("/签到 a@b.com", (), "a", ("b.com",)),
    ],
)
async def test_who_is_named(tmp_path: Path, line: str, people: tuple[str, ...], rest: str, unknown: tuple[str, ...]):
    plugin, calls = office()
    crowd = (OWNER, ADMIN, XIAOWANG, XIAOLI, Member("prince", "小王子"), Member("zs", "张 三"))
    async with running_app(tmp_path, plugin, members=crowd) as stage:
        await stage.say(line)
        assert calls == [("签到", G, rest, people, unknown)]


async def test_a_mention_without_a_name_in_the_text(tmp_path: Path):
    plugin, calls = office()
    async with running_app(tmp_path, plugin) as stage:
        await stage.say("/签到 @老名字 好", mentions=("l",))
        assert calls == [("签到", G, "好", ("l",), ())]


# ---- who may


async def test_a_member_who_asks_for_too_much_hears_no_once_a_minute(tmp_path: Path):
    plugin, calls = office()
    async with running_app(tmp_path, plugin) as stage:
        (no,) = await ask(stage, "/踢 @小李")
        assert "管理员" in no.text
        assert no.mentions == (XIAOWANG,)
        assert await ask(stage, "/设置") == []
        assert len(await ask(stage, "/踢", XIAOLI)) == 1
        await stage.after(minutes=1)
        assert len(await ask(stage, "/踢 @小李")) == 1
        assert calls == []


async def test_roles_that_are_high_enough(tmp_path: Path):
    plugin, calls = office()
    async with running_app(tmp_path, plugin, bot__owners=("w",)) as stage:
        for who in (ADMIN, OWNER, XIAOWANG):
            assert [a.text for a in await ask(stage, "/设置", who)] == [f"@{who.name} ok 设置"]
        assert [c[0] for c in calls] == ["设置"] * 3


async def test_an_admin_who_left_is_none_in_private(tmp_path: Path):
    plugin, calls = office()
    async with running_app(tmp_path, plugin) as stage:
        await stage.handle(stage.left(ADMIN))
        answers = await ask(stage, "在 读书群 /设置", Member("admin", "管理员"), PRIVATE)
        assert not any("ok" in answer.text for answer in answers)
        assert calls == []


async def test_an_unknown_word_gets_the_nearest_once_a_minute(tmp_path: Path):
    plugin, calls = office()
    async with running_app(tmp_path, plugin) as stage:
        (hint,) = await ask(stage, "/签道")
        assert "/签到" in hint.text
        assert await ask(stage, "/签道") == []
        await stage.after(minutes=1)
        assert len(await ask(stage, "/签道")) == 1
        (hint,) = await ask(stage, "/chekin", XIAOLI)
        assert "签到" in hint.text
        assert calls == []


async def test_a_word_like_no_command_is_pointed_to_the_help(tmp_path: Path):
    plugin, calls = office()
    async with running_app(tmp_path, plugin) as stage:
        (hint,) = await ask(stage, "/完全不相干的话！")
        assert "“/完全不相干的话”" in hint.text
        assert "/帮助" in hint.text
        for line in ("/home/user", "/::)", "/?", "/这句话太长了一定不是命令而是一句话", "/a-b"):
            assert await ask(stage, line, XIAOLI) == []
        assert calls == []


async def test_a_hint_names_nothing_the_asker_may_not_use(tmp_path: Path):
    plugin, _ = office()
    async with running_app(tmp_path, plugin) as stage:
        assert "踢" not in (await ask(stage, "/kik"))[0].text
        assert "踢" in (await ask(stage, "/kik", ADMIN))[0].text


async def test_where_a_command_may_be_given(tmp_path: Path):
    plugin, calls = office()
    async with running_app(tmp_path, plugin) as stage:
        assert "私聊" in (await ask(stage, "/申诉"))[0].text
        assert "群里" in (await ask(stage, "/抽奖", ADMIN, PRIVATE))[0].text
        await ask(stage, "/申诉", group=PRIVATE)
        await ask(stage, "/抽奖", ADMIN)
        assert [c[0] for c in calls] == ["申诉", "抽奖"]


async def test_a_cooldown_is_silent_and_not_for_helpers(tmp_path: Path):
    plugin, calls = office()
    async with running_app(tmp_path, plugin) as stage:
        for who in (XIAOWANG, XIAOWANG, ADMIN, ADMIN):
            await ask(stage, "/打卡", who)
        assert len(calls) == 3
        await stage.after(minutes=1)
        await ask(stage, "/打卡")
        assert len(calls) == 4


# ---- private chats


async def test_the_only_group_is_meant(tmp_path: Path):
    plugin, calls = office()
    async with running_app(tmp_path, plugin) as stage:
        (answer,) = await ask(stage, "/签到", group=PRIVATE)
        assert (answer.to, answer.text) == ("w", "ok 签到")
        (answer,) = await ask(stage, "签到", group=PRIVATE)
        assert [c[:2] for c in calls] == [("签到", G), ("签到", G)]


async def test_the_group_is_named(tmp_path: Path):
    plugin, calls = office()
    async with running_app(tmp_path, plugin) as stage:
        await stage.roster(OWNER, ADMIN, XIAOWANG, group="g2", topic="读书群 2")
        await stage.roster(OWNER, group="g3", topic="秘密群")
        (which,) = await ask(stage, "/签到", group=PRIVATE)
        assert "读书群 2" in which.text
        assert "秘密群" not in which.text
        for line in ("在 读书群 2 /签到", "在 读书群 /签到", "在 g2 /checkin 好", "在　读书群　2　／签到"):
            await ask(stage, line, group=PRIVATE)
        assert [c[1] for c in calls if c[0] == "签到"] == ["g2", "g1", "g2", "g2"]
        await stage.after(minutes=2)
        (no,) = await ask(stage, "在 秘密群 /签到", group=PRIVATE)
        assert "没有找到" in no.text
        assert "秘密群" not in no.text


async def test_the_role_is_that_in_the_group_meant(tmp_path: Path):
    plugin, calls = office()
    async with running_app(tmp_path, plugin) as stage:
        await stage.roster(OWNER, Member("admin", "管理员"), group="g2", topic="电影群")
        await ask(stage, "在 读书群 /设置", Member("admin", "管理员"), PRIVATE)
        await ask(stage, "在 电影群 /设置", Member("admin", "管理员"), PRIVATE)
        assert [c[:2] for c in calls] == [("设置", "g1")]


async def test_a_stranger_in_private_learns_nothing(tmp_path: Path):
    plugin, calls = office()
    async with running_app(tmp_path, plugin) as stage:
        answers = await ask(stage, "在 读书群 /签到", Member("x", "路人"), PRIVATE)
        assert not any("读书群" in answer.text for answer in answers)
        await ask(stage, "你好", Member("x", "路人"), PRIVATE)
        assert [c[0] for c in calls] == ["talk"]


async def test_a_keeper_reaches_every_group(tmp_path: Path):
    plugin, calls = office()
    async with running_app(tmp_path, plugin, bot__owners=("boss",)) as stage:
        await stage.roster(OWNER, group="g2", topic="电影群")
        await ask(stage, "在 电影群 /设置", Member("boss", "老板"), PRIVATE)
        assert [c[:2] for c in calls] == [("设置", "g2")]


# ---- groups we do not look after


async def test_only_the_keeper_s_word_is_heard_in_a_strange_group(tmp_path: Path):
    plugin, calls = office()
    boss = Member("boss", "老板")
    async with running_app(tmp_path, plugin, bot__owners=("boss",), bot__manage=()) as stage:
        for line, who in (("/启用", XIAOWANG), ("/启用", OWNER), ("/签到", boss), ("/签道", boss), ("你好", boss)):
            assert await ask(stage, line, who) == []
        assert calls == []
        assert len(await ask(stage, "/启用", boss)) == 1
        assert len(await ask(stage, "/签到")) == 1
        assert len(await ask(stage, "/停用", OWNER)) == 1
        assert await ask(stage, "/签到") == []
        assert await ask(stage, "/启用", ADMIN) == []


async def test_a_keeper_begins_from_a_private_chat(tmp_path: Path):
    plugin, _ = office()
    async with running_app(tmp_path, plugin, bot__owners=("boss",), bot__manage=()) as stage:
        await ask(stage, "在 读书群 /启用", Member("boss", "老板"), PRIVATE)
        assert stage.app.book.manages(G)


async def test_long_and_odd_lines_break_nothing(tmp_path: Path):
    plugin, calls = office()
    async with running_app(tmp_path, plugin) as stage:
        odd = ("/签到 " + "@" * 5000, "/" + "签" * 60_000, "/签到 " + "“" * 3000, "在 " * 5000 + "/签到", "/签到 @")
        for line in odd:
            await stage.say(line)
            await stage.say(line, group=PRIVATE)
        assert stage.app.dispatcher.counts.handlers_failed == 0
        assert len(calls) >= 3
