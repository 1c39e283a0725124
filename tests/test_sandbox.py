"""Test: the sandbox through its web routes, with the real app behind it: stories, and their scripts replayed."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from bot.actions import RemoveMember
from bot.transports.sandbox.scenes import AD, SCENES
from tests.sandbox import open_sandbox, replay

# stories


async def test_an_unpaid_ad_ends_in_one_removal_and_the_script_replays_it(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("say", who="老王", text=AD)
        assert any("红包" in line for line in it.said() if line.startswith("群管家"))
        assert "W1" in await it.get("/")
        await it.post("clock", to="+3m")
        assert ": “群管家”将“老王”移出了群聊" in [line.removeprefix("群管家") for line in it.said()]
        assert "老王" not in it.transport.world.group("g1").seats
        script = await it.get("/sandbox/export")
        assert script.count("bot removes 老王") == 1
    differs, acted = await replay(script, tmp_path)
    assert differs == []
    assert [done.action.member.id for done in acted if isinstance(done.action, RemoveMember)] == ["老王"]


async def test_a_red_packet_in_time_keeps_the_sender(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("say", who="老王", text=AD)
        await it.post("clock", to="+1m")
        await it.post("packet", who="老王")
        await it.post("clock", to="+3m")
        assert "老王" in it.transport.world.group("g1").seats
        script = await it.get("/sandbox/export")
        assert "sends red packet" in script
    assert (await replay(script, tmp_path))[0] == []


async def test_a_replayed_lottery_has_the_same_winners(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("say", who="小美", text="/抽奖 咖啡券 x2 10分钟")
        for who in ("阿强", "老王", "小李", "小赵", "晓芳", "大刘"):
            await it.post("say", who=who, text="参与")
        await it.post("clock", to="+1h")
        drawn = next(line for line in it.said() if "开奖" in line and "恭喜" in line)
        script = await it.get("/sandbox/export")
    assert drawn.removeprefix("群管家: ").splitlines()[1] in script
    assert (await replay(script, tmp_path))[0] == []
    other = re.sub(r'bot.seed = "test"', 'bot.seed = "another"', script)
    assert other != script
    assert (await replay(other, tmp_path))[0] != []


@pytest.mark.parametrize("key", SCENES)
async def test_each_scene_plays_and_replays(key: str, tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.scene(key)
        assert any(post.sender == "bot" for post in it.transport.world.posts), it.said()
        assert not any("演到一半停了" in line for line in it.said())
        script = await it.get("/sandbox/export")
    assert (await replay(script, tmp_path))[0] == []


async def test_one_scene_at_a_time(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        first = asyncio.create_task(it.client.post("/sandbox/scene", data={"chat": "g1", "scene": "invite"}))
        await first
        assert "还没演完" in await (await it.client.post("/sandbox/scene", data={"chat": "g1", "scene": "ad"})).text()


async def test_the_brief_comes_when_time_flies_past_its_hour(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("clock", to="21:00")
        assert any("晚报" in line or "晚上好" in line for line in it.said()), it.said()
        script = await it.get("/sandbox/export")
    assert (await replay(script, tmp_path))[0] == []


# people


async def test_everything_a_member_can_do_is_in_the_script(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("say", who="阿强", text="早上好\n今天读第三章 \\n 没有换行")
        quoted = it.transport.world.posts[-1].id
        await it.post("say", who="小李", text="我也读", quote=quoted)
        await it.post("say", who="小李", text="@群管家 /帮助")
        await it.post("link", who="小李", title="书单", url="https://example.com/books")
        await it.post("card", who="小李", name="王老师")
        await it.post("miniprogram", who="小李", title="读书打卡")
        await it.post("recall", post=it.transport.world.find_last("小李").id)
        await it.post("rename", person="小赵", name="小赵 上海 设计", who="小赵")
        await it.post("join", who="阿强", names='新来的 “引号"”')
        await it.post("leave", person="晓芳")
        await it.post("remove", who="群主", person="大刘")
        await it.post("topic", who="群主", topic="读书 1 群 · 春天")
        await it.post("say", who="阿强", chat="p:阿强", text="/积分")
        script = await it.get("/sandbox/export")
    differs, _ = await replay(script, tmp_path)
    assert differs == []


async def test_setup_by_the_director_is_no_event_but_the_list_shows_it(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        said = len(it.said())
        await it.post("admin", person="阿强", on="1")
        assert [line for line in it.said()[said:] if line.startswith("群管家")] == []
        assert "取消管理员" in await it.get("/")
        await it.post("say", who="阿强", text="/抽奖 书签")
        assert any("L1" in line for line in it.said())


async def test_what_cannot_be_is_a_sentence_and_changes_nothing(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        lines = len(it.transport.world.journal.lines())
        assert "不在群里" in await it.post("say", who="没来过", text="在吗")
        assert "先写点什么" in await it.post("say", who="阿强", text="  ")
        assert "最多" in await it.post("say", who="阿强", text="长" * 20_000)
        assert "已经在群里" in await it.post("join", who="阿强", names="老王")
        assert "没有权限" in await it.post("remove", who="阿强", person="老王")
        assert "转让" in await it.post("leave", person="群主")
        assert "http" in await it.post("link", who="阿强", url="javascript:alert(1)")
        assert "http" in await it.post("link", who="阿强", url="http://")
        assert "不能为空" in await it.post("rename", person="阿强", name="\u200b\u202e")
        assert "没有这个时间" not in await it.post("clock", to="+1m")
        assert "不认识" in await it.post("clock", to="99:99")
        assert "只有群主和管理员" in await it.post("topic", who="阿强", topic="我的群")
        assert len(it.transport.world.journal.lines()) == lines
        answer = await it.client.post("/sandbox/say", data={"chat": "g1"})
        assert answer.status == 400
