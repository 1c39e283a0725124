"""Test: a wide command is previewed and waits a minute for 确认 by the same person in the same place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.actions import Action, SendText
from bot.commands import answer_in
from bot.loader import load_plugin
from bot.model import Member, Role
from bot.plugin import Call, Context, Plugin
from tests.engine.stage import ADMIN, OWNER, XIAOLI, XIAOWANG, G, Stage, make_plugin, running_app


def wide() -> tuple[Plugin[Any], list[tuple[Any, ...]]]:
    plugin = make_plugin("wide")
    done: list[tuple[Any, ...]] = []

    @plugin.command("清空", usage="", example="/清空", help="清空", role=Role.ADMIN)
    async def clear(call: Call, ctx: Context[Any]) -> AsyncIterator[Action]:
        if not call.confirmed:
            yield await ctx.ask_first(call, "要清空")
            return
        done.append((ctx.group.id, call.text, tuple(member.id for member in call.members), call.asker.id))
        yield ctx.reply(call.event, "清空了")

    return plugin, done


async def say(stage: Stage, text: str, by: Any = ADMIN, group: str = G) -> list[str]:
    before = len(stage.far.sent)
    await stage.say(text, by, group)
    return [action.text for action in stage.far.actions[before:] if isinstance(action, SendText)]


async def test_confirmed_once_with_all_that_was_said(tmp_path: Path) -> None:
    plugin, done = wide()
    async with running_app(tmp_path, plugin) as stage:
        (preview,) = await say(stage, "/清空 全部 @小王")
        assert "要清空" in preview
        assert "60 秒" in preview
        assert done == []
        assert await say(stage, "确认", by=XIAOLI) == []
        assert await say(stage, "确认", group="") == []
        await stage.restart()
        assert "清空了" in (await say(stage, " 确认。"))[0]
        assert done == [(G, "全部", (XIAOWANG.id,), ADMIN.id)]
        assert await say(stage, "确认") == []
        assert len(done) == 1


async def test_after_a_minute_it_is_too_late_and_after_five_only_a_word(tmp_path: Path) -> None:
    plugin, done = wide()
    async with running_app(tmp_path, plugin) as stage:
        await say(stage, "/清空")
        await stage.after(seconds=61)
        (late,) = await say(stage, "确认")
        assert "再发一遍 /清空" in late
        assert await say(stage, "确认") == []
        await say(stage, "/清空")
        await stage.after(minutes=6)
        assert await say(stage, "确认") == []
        assert done == []


async def test_called_off_nothing_waits_any_more(tmp_path: Path) -> None:
    plugin, done = wide()
    async with running_app(tmp_path, plugin) as stage:
        assert await say(stage, "取消") == []
        await say(stage, "/清空")
        assert await say(stage, "算了", by=XIAOLI) == []
        assert "没有做" in (await say(stage, "取消"))[0]
        assert await say(stage, "确认") == []
        assert done == []


async def test_who_is_no_admin_any_more_cannot_confirm(tmp_path: Path) -> None:
    plugin, done = wide()
    async with running_app(tmp_path, plugin) as stage:
        await say(stage, "/清空")
        nobody = Member(ADMIN.id, ADMIN.name)
        await stage.roster(OWNER, XIAOWANG, XIAOLI, nobody)
        assert await say(stage, "确认", by=nobody) == [f"@{nobody.name} 没有做：你现在不能用 /清空 了"]
        assert await say(stage, "确认", by=nobody) == []
        assert done == []


async def test_what_was_switched_off_meanwhile_is_not_done(tmp_path: Path) -> None:
    plugin, done = wide()
    async with running_app(tmp_path, plugin, load_plugin("admin")) as stage:
        await say(stage, "/清空")
        await say(stage, "/设置 bot.switched_off 清空", by=OWNER)
        assert await say(stage, "确认") == [f"@{ADMIN.name} 没有做：这个群刚刚关掉了 /清空"]
        assert await say(stage, "确认") == []
        await say(stage, "/设置 撤销", by=OWNER)
        await say(stage, "/清空")
        assert "清空了" in (await say(stage, "确认"))[0]
        assert len(done) == 1


async def test_a_group_that_is_let_go_meanwhile_hears_nothing(tmp_path: Path) -> None:
    plugin, done = wide()
    async with running_app(tmp_path, plugin, load_plugin("admin")) as stage:
        await say(stage, "/清空")
        await say(stage, "/停用", by=OWNER)
        assert await say(stage, "确认") == []
        assert done == []


async def test_the_newest_preview_counts(tmp_path: Path) -> None:
    plugin, done = wide()
    async with running_app(tmp_path, plugin) as stage:
        await say(stage, "/清空 甲")
        await say(stage, "/清空 乙")
        await say(stage, "/确认")
        assert [each[1] for each in done] == ["乙"]


@pytest.mark.parametrize("text", ["确认", "确认！", "/确认", "／确认", "確認", "确定", "Confirm", "@群管家 确认"])
def test_yes(text: str) -> None:
    assert answer_in(text) is True


@pytest.mark.parametrize(
    "text", ["取消", "取消吧", "算了", "算了吧。", "先不", "不要了", "不用了", "No", "ｃａｎｃｅｌ"]
)
def test_no(text: str) -> None:
    assert answer_in(text) is False


@pytest.mark.parametrize(
    "text", ["", "确认一下", "好", "确认" * 30, "我确认", "/取消", "/取消 L1", "取消会议", "不错", "不是吧"]
)
def test_neither(text: str) -> None:
    assert answer_in(text) is None
