"""Test: what a stranger may try with names, commands and questions, against the real application and every plugin."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from bot.actions import SendText
from bot.loader import find_plugins
from bot.model import Member, Role
from bot.naming import find_named
from bot.patience import Patience
from bot.storage.known import Known
from tests.engine.stage import ADMIN, OWNER, START, XIAOLI, XIAOWANG, FarSide, G, Stage, running_app

STRANGER = Member("x", "路人")


def known(name: str, *, left: bool = False) -> Known:
    return Known(name, Role.MEMBER, 0, START if left else None, None, START, "", False, None)


ROSTER = {
    "a": known("小王"),
    "b": known("小王"),
    "c": known("小王子"),
    "d": known("Tom Lee"),
    "e": known("张三-上海/设计"),
}


def test_a_name_that_two_have_names_nobody():
    found = find_named("@小王 广告", (), ROSTER)
    assert (found.members, found.twins, found.text) == ((), ("小王", 2), "广告")


def test_who_was_picked_from_the_list_is_meant_whatever_others_are_called():
    assert [m.id for m in find_named("@小王 广告", ("a",), ROSTER).members] == ["a"]
    renamed = find_named("@小王子 广告", ("a",), ROSTER)
    assert [m.id for m in renamed.members] == ["a"]
    assert renamed.text == "广告"


@pytest.mark.parametrize(
    ("text", "who", "rest"),
    [
        ("@小王子 x", ["c"], "x"),
        ("@Tom Lee 5", ["d"], "5"),
        ("@张三-上海/设计 走", ["e"], "走"),
        ("加@小王子@Tom Lee", ["c", "d"], "加"),
    ],
)
def test_odd_names_are_read_whole(text: str, who: list[str], rest: str):
    found = find_named(text, (), ROSTER)
    assert [m.id for m in found.members] == who
    assert (found.text, found.unknown, found.twins) == (rest, (), None)


def test_a_name_that_goes_on_like_an_order_takes_nothing_from_who_was_picked():
    roster = {"a": known("小王"), "evil": known("小王 7天")}
    found = find_named("@小王 7天", ("a",), roster)
    assert ([m.id for m in found.members], found.text) == (["a"], "7天")
    assert [m.id for m in find_named("@小王 7天 1天", ("evil",), roster).members] == ["evil"]


def test_nobody_is_called_everybody_and_who_has_left_is_not_named():
    assert find_named("@所有人 走", (), ROSTER).unknown == ("所有人",)
    assert find_named("@小赵 走", (), {"a": known("小赵", left=True)}).unknown == ("小赵",)


def test_a_hidden_sign_makes_no_other_name():
    found = find_named("@小赵 走", (), {"a": known("小赵"), "b": known("小\u200b赵\u202e")})
    assert found.twins == ("小赵", 2)


def test_patience_ends_and_comes_back():
    patience = Patience(2)
    assert [patience.spend("x", START + timedelta(seconds=s)) for s in (0, 30, 59, 60, 61, 90)] == [
        True, True, False, True, False, True,
    ]  # fmt: skip
    assert patience.spend("y", START)


async def test_an_impostor_with_the_same_name_gets_nobody_removed(tmp_path: Path):
    async with running_app(tmp_path, *find_plugins()) as stage:
        await stage.roster(OWNER, ADMIN, XIAOWANG, XIAOLI, Member("evil", "小王"))
        await stage.say("/踢 @小王 广告", by=ADMIN)
        assert stage.far.removed == []
        assert "2 位" in stage.far.texts()[-1]
        await stage.say("/踢 @小王 广告", by=ADMIN, mentions=("evil",))
        await stage.after(seconds=10)
        assert stage.far.removed == ["evil"]


@pytest.mark.parametrize("name", ["管理员", "群主", "群管家", "bot", "控制台"])
async def test_a_name_gives_no_rights(tmp_path: Path, name: str):
    async with running_app(tmp_path, *find_plugins(), bot__owners=("keeper",)) as stage:
        liar = Member("liar", name)
        await stage.roster(OWNER, ADMIN, XIAOWANG, XIAOLI, liar)
        for text in ("/踢 @小王", "/模式 演练", "/管理员 加 @小李", "/停用"):
            await stage.say(text, by=liar)
            await stage.say(text, by=liar, group="")
            await stage.after(minutes=2)
        assert stage.far.removed == []
        assert stage.app.book.info(G).mode.value == "enforce"
        assert stage.app.book.manages(G)


async def test_who_was_demoted_or_has_left_has_no_rights_any_more(tmp_path: Path):
    async with running_app(tmp_path, *find_plugins()) as stage:
        await stage.roster(OWNER, Member(ADMIN.id, ADMIN.name), XIAOWANG, XIAOLI)
        await stage.say("/踢 @小王", by=Member(ADMIN.id, ADMIN.name))
        await stage.roster(OWNER, ADMIN, XIAOWANG, XIAOLI)
        await stage.handle(stage.left(ADMIN))
        for text in ("/踢 @小王", "/群规 设置 听我的", "/积分 @小王", "在 读书群 /踢 @小王"):
            await stage.say(text, by=Member(ADMIN.id, ADMIN.name), group="")
            await stage.after(minutes=2)
        assert stage.far.removed == []
        assert stage.app.book.overrides.get(G, {}) == {}
        assert not any("小王" in text for text in private_texts(stage, ADMIN.id))


async def test_a_role_counts_in_its_own_group_alone(tmp_path: Path):
    async with running_app(tmp_path, *find_plugins()) as stage:
        boss = Member(XIAOLI.id, XIAOLI.name, Role.OWNER)
        await stage.roster(boss, Member("v", "受害人"), group="g2", topic="读书群 2")
        for text in ("在 g1 /踢 @小王", "在 读书群 /踢 @小王", "/踢 @小王"):
            await stage.say(text, by=XIAOLI, group="")
            await stage.after(minutes=2)
        assert stage.far.removed == []
        await stage.say("在 读书群 2 /踢 @受害人", by=XIAOLI, group="")
        await stage.after(minutes=1)
        assert stage.far.removed == ["v"]


async def test_strangers_get_a_way_in_and_leave_no_trace(tmp_path: Path):
    async with running_app(tmp_path, *find_plugins()) as stage:
        for text in ("/签到", "/介绍 我叫李娜，坐标郑州，做餐饮的", "/找 郑州", "/排行榜", "/抽奖列表"):
            await stage.say(text, by=STRANGER, group="")
        await stage.after(seconds=30)
        assert len(private_texts(stage, STRANGER.id)) == 1
        await stage.say("/帮助", by=STRANGER, group="")
        await stage.say("/我是谁", by=STRANGER, group="")
        await stage.after(seconds=30)
        assert len(private_texts(stage, STRANGER.id)) == 3


@pytest.mark.parametrize("group", [G, ""])
@pytest.mark.parametrize("text", ["/帮助", "/积分", "/没有这个", "/踢 @小李", "/参与 L9", "/排行榜"])
async def test_asking_without_end_does_not_make_the_bot_spam(tmp_path: Path, text: str, group: str):
    async with running_app(tmp_path, *find_plugins(), flood_guard__enabled=False) as stage:
        for _ in range(40):
            await stage.say(text, group=group)
            stage.clock.set(stage.clock.now() + timedelta(seconds=1))
        await stage.after(minutes=10)
        assert 1 <= len(stage.far.actions) <= 11
        await stage.say("/帮助", by=XIAOLI, group=group)
        await stage.say("/帮助", group=group)
        await stage.after(minutes=1)
        assert 3 <= len(stage.far.actions) <= 13


async def test_a_group_that_asks_without_end_does_not_keep_another_waiting(tmp_path: Path):
    slow = {"pacing__gap": "1s", "pacing__group_gap": "2s", "pacing__per_minute": 20}
    async with running_app(tmp_path, *find_plugins(), flood_guard__enabled=False, **slow) as stage:
        crowd = [Member(f"s{number}", f"水军{number}") for number in range(20)]
        await stage.roster(OWNER, ADMIN, XIAOWANG, XIAOLI, *crowd)
        await stage.roster(OWNER, STRANGER, group="g2", topic="二群")
        for _ in range(3):
            for one in crowd:
                await stage.app.handle(stage.message("/我的邀请", by=one))
            await stage.after(seconds=20)
        sent = len(stage.far.actions)
        assert sent < 50
        await stage.app.handle(stage.message("/积分", by=STRANGER, group="g2"))
        await stage.after(minutes=1)
        assert "g2" in [action.group for action in stage.far.actions][sent : sent + 2]


async def test_joining_a_lottery_that_refuses_does_not_make_the_bot_spam(tmp_path: Path):
    async with running_app(tmp_path, *find_plugins(), flood_guard__enabled=False) as stage:
        await stage.say("/抽奖 书 x1 积分1000", by=ADMIN)
        before = len(stage.far.actions)
        for _ in range(40):
            await stage.say("参与")
            stage.clock.set(stage.clock.now() + timedelta(seconds=1))
        await stage.after(minutes=10)
        assert 1 <= len(stage.far.actions) - before <= 10


async def test_admins_are_always_answered(tmp_path: Path):
    async with running_app(tmp_path, *find_plugins()) as stage:
        for _ in range(15):
            await stage.say("/状态", by=ADMIN)
        await stage.after(minutes=5)
        assert len(stage.far.actions) == 15


LONG = 64_000
NASTY = {
    "spaces in a private chat": ("", "在" + " " * LONG + "x"),
    "a group that never ends": ("", "在 a" + " " * LONG + "x"),
    "signs": (G, "/帮助 " + "@" * LONG),
    "names": (G, "/积分 " + "".join(f"@a{i} " for i in range(LONG // 8))),
    "signs that unfold": (G, "/帮助 " + "ﷺ" * LONG),
    "addresses": (G, "http://a@" * (LONG // 9)),
    "an introduction": (G, "/介绍 我叫" + " " * LONG + "x"),
    "an introduction of bars": (G, "/介绍 " + "|" * LONG),
    "a time of digits": (G, "/摘要 " + "1" * LONG),
    "words to find": (G, "/找 " + "a " * (LONG // 2)),
    "a command": (G, "/" + "签" * LONG),
    "emoji": (G, "👨‍👩‍👧" * (LONG // 5)),
    "nul": (G, "\0" * 500),
    "a quotation": (G, "「小王：" + "x" * LONG + "」\n" + "- " * 20 + "\n好"),
}


@pytest.mark.parametrize("what", NASTY)
async def test_no_message_keeps_the_bot_busy(tmp_path: Path, what: str):
    group, text = NASTY[what]
    crowd = [Member(f"n{number}", f"群友{number}") for number in range(300)]
    async with running_app(tmp_path, *find_plugins()) as stage:
        await stage.roster(OWNER, ADMIN, XIAOWANG, XIAOLI, *crowd)
        await stage.handle(stage.joined(STRANGER))
        await stage.say("热身", by=STRANGER, group=group)
        began = time.process_time()
        await stage.handle(stage.message(text, by=STRANGER, group=group))
        # An ordinary one takes a millisecond; a pattern that goes astray takes minutes.
        assert time.process_time() - began < 0.3
        assert stage.app.dispatcher.counts.handlers_failed == 0


def private_texts(stage: Stage, person: str) -> list[str]:
    far: FarSide = stage.far
    return [action.text for action in far.actions if isinstance(action, SendText) and action.to == person]
