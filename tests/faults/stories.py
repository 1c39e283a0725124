"""Test: the reference stories, as lines that a real bot hears at their time; what each must leave is what it leaves
when nobody disturbs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.events import Event, MemberJoined, MemberLeft, MessageReceived, RedPacketSent, RosterSeen
from bot.model import Member
from bot.plugin import Plugin
from plugins.ad_guard import plugin as ad_guard
from plugins.brief import plugin as brief
from plugins.moderation import plugin as moderation
from plugins.points import plugin as points
from plugins.shop import plugin as shop
from plugins.welcome import plugin as welcome
from tests.engine.stage import ADMIN, BOT, OWNER, START, XIAOLI, XIAOWANG

ZHAO, SUN = Member("z", "小赵"), Member("s", "小孙")
Line = tuple[float, Event]


@dataclass(frozen=True)
class Story:
    """Lines: minutes after the start, and what happens. Tables: what must be the same whatever happened on the way,
    all of a table's columns or those named."""

    name: str
    plugins: tuple[Plugin[Any], ...]
    lines: Sequence[Line]
    minutes: float
    tables: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)


def _told(*lines: tuple[float, Member, str], start: str = "m") -> list[Line]:
    return [
        (minutes, MessageReceived(id=f"{start}{no}", at=_at(minutes), group="g1", sender=who, text=text))
        for no, (minutes, who, text) in enumerate(lines)
    ]


def _at(minutes: float) -> Any:
    return START + timedelta(minutes=minutes)


def _people(*members: Member, group: str = "g1") -> Line:
    everybody = (OWNER, ADMIN, *members, BOT)
    return 0, RosterSeen(id=f"roster-{group}", at=START, group=group, members=everybody, topic=f"读书群 {group}")


def _paid(minutes: float, who: Member) -> Line:
    return minutes, RedPacketSent(id=f"paid-{who.id}", at=_at(minutes), group="g1", sender=who)


def _joined(minutes: float, who: Member, no: int) -> Line:
    return minutes, MemberJoined(id=f"joined{no}", at=_at(minutes), group="g1", member=who, inviter=XIAOLI)


AD = "需要代理的加薇 abc12345，日结，名额有限"
MODERATION = Story(
    "moderation",
    (ad_guard, moderation),
    [
        _people(XIAOWANG, XIAOLI, ZHAO),
        *_told((1, XIAOWANG, AD), (1.2, XIAOLI, AD.replace("abc", "xyz"))),
        _paid(2, XIAOLI),
        *_told((2.5, XIAOWANG, AD), (20, ZHAO, "兼职刷单日赚500，加V：zz998877"), start="n"),
        *_told((21, ADMIN, "/撤销 W3"), start="o"),
    ],
    30,
    ("no, member, state, opened_at, text FROM cases", "messages", "activity", "timers", "member_history"),
)
"""An ad that is not paid for, one that is, one that an admin forgives. A case is closed later when nobody can tell
whether its warning was heard."""

WELCOME = Story(
    "welcome",
    (welcome,),
    [
        _people(XIAOLI),
        _joined(1, XIAOWANG, 1),
        _joined(1.02, ZHAO, 2),
        (3, MemberLeft(id="left1", at=_at(3), group="g1", member=ZHAO)),
        _joined(5, SUN, 3),
        *_told((6, XIAOWANG, "谢谢"), (7, XIAOWANG, "/帮助")),
        _joined(9, ZHAO, 4),
    ],
    15,
    ("messages", "timers", "members", "member_history", "activity"),
)
"""Two at once are greeted together, one later, one who left and comes back in a word."""

REWARD = Story(
    "reward",
    (points, shop),
    [
        _people(XIAOWANG, XIAOLI),
        *_told(
            (1, XIAOWANG, "/签到"),
            (2, ADMIN, "/加分 @小王 @小李 30"),
            (3, ADMIN, "/商品 加 咖啡券 20分 x1 限1"),
            (4, XIAOWANG, "/兑换 1"),
            (4.1, XIAOLI, "/兑换 1"),
            (7, XIAOWANG, "/兑换 取消 D1"),
            (9, XIAOLI, "/兑换 1"),
            (12, ADMIN, "/发货 D2"),
            (13, XIAOLI, "/积分"),
        ),
    ],
    30,
    ("transfers", "postings", "points_checkins", "shop_goods", "shop_orders", "messages", "timers"),
)
"""Points given and spent, the last of a thing taken, given back, and taken by another."""

BRIEF = Story(
    "brief",
    (brief,),
    [
        _people(XIAOWANG, XIAOLI),
        _people(XIAOWANG, ZHAO, group="g2"),
        *_told((1, XIAOWANG, "早"), (2, XIAOLI, "今天读到第三章了")),
        *_told((30 * 60, XIAOLI, "晚上好"), start="n"),
    ],
    36 * 60 + 30,
    ("messages", "activity", "jobs", "timers"),
    {"brief__morning": "08:00", "brief__evening": "21:00"},
)
"""Two groups, an evening, a morning and an evening, with time to find out about the last of them."""

STORIES = (MODERATION, WELCOME, REWARD, BRIEF)
