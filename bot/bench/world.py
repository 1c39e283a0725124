"""Bench: groups, members and talk of the usual mix, and a far side that takes no time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from bot.actions import Action
from bot.app import App
from bot.build import build_app
from bot.clock import Clock, SystemClock
from bot.events import MessageReceived, RosterSeen
from bot.loader import find_plugins
from bot.model import Capability, Member, Role
from bot.settings import PLAYGROUND, load_settings
from bot.shipped import shipped
from bot.storage.server import Server
from bot.transport import Deliver, Health, Receipt

GROUPS, MEMBERS = 20, 500
PRICE = "价格我问过了，批发 35 一件，10 件起"
PRICES = (
    "{what}的价格我问过了，批发 {n} 一件，{m} 件起",
    "楼下{what}涨到 {n} 一斤了",
    "我上次买的{what}才 {n}，比超市便宜 {m}",
    "{n} 块的{what}算贵吗？",
    "给孩子买{what}花了 {n}，心疼",
    "退货的话{what}那 {n} 元什么时候到账",
)
THINGS = ("苹果", "雨衣", "台灯", "帐篷", "书架", "电饭煲", "羽毛球拍", "猫粮", "窗帘", "拼图", "毛线", "护膝")
TALK = (
    "早上好呀",
    "今天天气不错，适合出去走走",
    "有人知道附近哪家打印店周末开门吗？",
    "哈哈哈哈",
    "收到",
    "谢谢分享，学到了",
    "这本书我上个月刚看完，后半段更精彩",
    "我在郑州，做平面设计的，很高兴认识大家",
    "周六下午两点，老地方见",
    "好的👌",
    "孩子今天发烧了，晚上的活动我就不参加了",
    "请问报名还来得及吗",
    "刚到家，地铁上人真多",
    "+1",
    "接龙：1. 小王 2. 小李 3. 小赵",
    "昨天老师讲的那个例子有人记了笔记吗，麻烦发我一份，谢谢",
    PRICE,
    "群主辛苦了",
    "明天降温，大家多穿点",
    "这个问题我也遇到过，重启一下就好了",
    "快递到了，放门卫了",
    "哪位会修打印机？",
    "太真实了",
    "推荐一部纪录片，讲城市变迁的，很耐看",
    "晚上八点直播，别忘了",
    "我家楼下新开了一家面馆，味道可以",
    "不好意思刚看到消息",
    "会议号 482 913 556，密码 1234",
    "同意楼上",
    "下周的主题定了吗？",
)
RARE = (
    "/签到",
    "/积分",
    "参与",
    "/帮助",
    "需要代理的加薇 abc12345，日结，名额有限",
    "我叫小陈，坐标上海，做产品经理，希望多认识朋友",
)


class Nowhere:
    """A transport without a far side: everything succeeds at once."""

    name = "nowhere"
    account = Member("bot", "群管家", Role.ADMIN)

    def capabilities(self, group: str = "") -> frozenset[Capability]:
        return frozenset(Capability)

    def health(self) -> Health:
        return Health(connected=True, logged_in=True)

    async def run(self, deliver: Deliver) -> None:
        await asyncio.Event().wait()

    async def perform(self, action: Action) -> Receipt:
        return Receipt("sent")

    async def is_member(self, group: str, member: str) -> bool | None:
        return False

    async def announcement(self, group: str) -> str | None:
        return None

    async def close(self) -> None:
        return None


def member(group: int, number: int) -> Member:
    return Member(f"wxid_{group:02}{number:03}", f"群友{number}")


def messages(
    count: int, now: datetime, *, seed: int = 1, rare: float = 0.02, prefix: str = "m"
) -> Iterator[MessageReceived]:
    """`count` messages over all groups; `rare` of them are commands, ads and introductions."""
    random = Random(seed)  # noqa: S311  the same talk in every run
    for number in range(count):
        group = number % GROUPS
        text = random.choice(RARE) if random.random() < rare else _said(random, random.choice(TALK))
        sender = member(group, random.randrange(MEMBERS))
        yield MessageReceived(id=f"msg:{prefix}{number}", at=now, group=f"g{group}", sender=sender, text=text)


def _said(random: Random, text: str) -> str:
    """Prices differ from one speaker to the next: the same one in every group would be a wave of advertising."""
    if text is not PRICE:
        return text
    return random.choice(PRICES).format(what=random.choice(THINGS), n=random.randrange(5, 90), m=random.randrange(2, 9))


@asynccontextmanager
async def running(database: Path, clock: Clock | None = None, server: Server | None = None) -> AsyncIterator[App]:
    """A bot with every plugin on this file or server, its groups known and its members listed."""
    plugins = find_plugins()
    settings = load_settings(shipped("config"), plugins, env={}, presets=PLAYGROUND)
    app = await build_app(
        settings,
        transport=Nowhere(),
        clock=clock or SystemClock(),
        database=database,
        plugins=plugins,
        seed="bench",
        server=server,
    )
    await app.start()
    try:
        for group in range(GROUPS):
            everybody = tuple(member(group, number) for number in range(MEMBERS))
            now = datetime.now(UTC)
            await app.handle(
                RosterSeen(
                    id=f"roster:{group}:{now}", at=now, group=f"g{group}", members=everybody, topic=f"读书群 {group}"
                )
            )
        yield app
    finally:
        await app.stop()
