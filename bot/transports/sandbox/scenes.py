"""Transport: the sandbox's one-click scenes: short plays that people of the world act by themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.model import Role
from bot.transports.sandbox import people, talk
from bot.transports.sandbox.stage import Stage
from bot.transports.sandbox.things import PRIVATE, NotPossible

AD = "诚招代理，日结 300，在家就能做，名额有限，加薇 abc12345"
OTHER_AD = "兼职刷单，日赚 500，想做的加 V：zz998877"
_GREETED = timedelta(seconds=65)
"""By then the bot has greeted whoever just came; it waits, so as to greet those who come together at once."""
_FLOOD = ("在吗", "在吗在吗", "有人吗", "出来聊天", "哈哈哈", "顶", "顶顶", "顶顶顶", "刷起来", "走起", "再来")
_THANKS = "新朋友好！我叫{name}，在郑州做设计，平时爱看历史和传记，想认识一起晨读的朋友，也可以帮大家做海报"


class Play(Protocol):
    """What a scene needs besides the stage: time to watch, and time that flies."""

    async def beat(self, seconds: float = 1.0) -> None:
        """Let the bot hear and answer, and the watcher read, for about this many seconds."""

    async def skip(self, time: timedelta) -> None:
        """Push the clock ahead, through everything that comes due on the way."""


Story = Callable[[Stage, str, Play], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    """key: what the page posts; title and hint: what it shows."""

    key: str
    title: str
    hint: str
    story: Story


async def newcomer(stage: Stage, group: str, play: Play) -> None:
    (who,) = people.newcomers(stage, group, 1)
    people.join(stage, group, [who], _host(stage, group))
    await play.beat(1)
    await play.skip(_GREETED)
    await play.beat(2)
    talk.say(stage, group, who, _THANKS.format(name=who))
    await play.beat(2)


async def five_at_once(stage: Stage, group: str, play: Play) -> None:
    people.join(stage, group, people.newcomers(stage, group, 5), _host(stage, group))
    await play.beat(1)
    await play.skip(_GREETED)
    await play.beat(1)


async def ad_unpaid(stage: Stage, group: str, play: Play) -> None:
    talk.say(stage, group, _poster(stage, group), AD)
    await play.beat(3)
    await play.skip(timedelta(minutes=3, seconds=5))
    await play.beat(1)


async def ad_paid(stage: Stage, group: str, play: Play) -> None:
    who = _poster(stage, group)
    talk.say(stage, group, who, OTHER_AD)
    await play.beat(3)
    talk.send_red_packet(stage, group, who, "给大家添麻烦了")
    await play.beat(2)
    await play.skip(timedelta(minutes=3, seconds=5))


async def flood(stage: Stage, group: str, play: Play) -> None:
    who = _poster(stage, group)
    for line in _FLOOD:
        talk.say(stage, group, who, line)
        await play.beat(0.15)
    await play.beat(3)


async def lottery(stage: Stage, group: str, play: Play) -> None:
    talk.say(stage, group, _host(stage, group), "/抽奖 咖啡券 x2 10分钟")
    await play.beat(2.5)
    for who in _ordinary(stage, group)[:6]:
        talk.say(stage, group, who, "参与")
        await play.beat(0.8)
    await play.skip(timedelta(minutes=10, seconds=5))
    await play.beat(1)


async def invite(stage: Stage, group: str, play: Play) -> None:
    inviter = (_ordinary(stage, group) or [_host(stage, group)])[0]
    (who,) = people.newcomers(stage, group, 1)
    people.join(stage, group, [who], inviter)
    await play.beat(1)
    await play.skip(_GREETED)
    await play.beat(1)
    talk.say(stage, group, who, _THANKS.format(name=who))
    await play.beat(2)
    talk.say(stage, group, inviter, "/我的邀请")
    await play.beat(2)
    await play.skip(timedelta(hours=24, minutes=1))
    talk.say(stage, group, inviter, "/我的邀请")
    await play.beat(2)


async def outage(stage: Stage, group: str, play: Play) -> None:
    stage.cut()
    await play.beat(1.5)
    (who,) = people.newcomers(stage, group, 1)
    people.join(stage, group, [who], _host(stage, group))
    talk.say(stage, group, _host(stage, group), f"欢迎 {who}，机器人好像掉线了")
    await play.beat(2)
    await play.skip(timedelta(minutes=2))
    stage.mend()
    await play.beat(1)
    await play.skip(_GREETED)
    await play.beat(1)


async def powerless(stage: Stage, group: str, play: Play) -> None:
    place = stage.world.group(group)
    stage.let_remove(place, False)
    await play.beat(1.5)
    try:
        await ad_unpaid(stage, group, play)
    finally:
        stage.let_remove(place, True)
    await play.beat(1)


async def stranger(stage: Stage, group: str, play: Play) -> None:
    host = _host(stage, group)
    talk.say(stage, f"{PRIVATE}{host}", host, "/门槛 口令 芝麻开门")
    await play.beat(1.5)
    talk.say(stage, f"{PRIVATE}{host}", host, "/门槛 好友 口令")
    await play.beat(1.5)
    (who,) = people.newcomers(stage, group, 1)
    people.ask_to_be_friend(stage, who, "你好，芝麻开门")
    await play.beat(2)
    await play.skip(_GREETED)
    await play.beat(1)
    talk.say(stage, group, host, "/门槛 关")
    await play.beat(1)


SCENES: dict[str, Scene] = {
    scene.key: scene
    for scene in (
        Scene("newcomer", "新人进群", "欢迎词，再识别自我介绍", newcomer),
        Scene("five", "一次进 5 人", "合并成一条欢迎", five_at_once),
        Scene("ad", "发广告不补红包", "提醒，3 分钟后移出", ad_unpaid),
        Scene("paid", "发广告补红包", "补了红包就放行", ad_paid),
        Scene("flood", "刷屏", "连发十几条，只处理一次", flood),
        Scene("lottery", "抽奖全流程", "发起、报名、开奖、公示", lottery),
        Scene("invite", "邀请得奖", "拉新记账，次日到账", invite),
        Scene("stranger", "陌生人敲门", "加好友说对口令，自动邀请", stranger),
        Scene("outage", "掉线重连", "掉线时进的人，重连后补欢迎", outage),
        Scene("powerless", "无踢人权限", "移不了人就私下告诉管理员", powerless),
    )
}


def _host(stage: Stage, group: str) -> str:
    """An admin, else the owner, else anybody."""
    seats = stage.world.group(group).people()
    if not seats:
        raise NotPossible("群里没有人了，先加一个人")
    return next((seat.person for seat in seats if seat.role == Role.ADMIN), seats[0].person)


def _ordinary(stage: Stage, group: str) -> list[str]:
    return [seat.person for seat in stage.world.group(group).people() if seat.role == Role.MEMBER]


def _poster(stage: Stage, group: str) -> str:
    """Who misbehaves: 老王 if he is still here, else another ordinary member, else somebody new."""
    ordinary = _ordinary(stage, group)
    if "老王" in ordinary:
        return "老王"
    if ordinary:
        return ordinary[-1]
    return people.join(stage, group, people.newcomers(stage, group, 1), _host(stage, group))[0]
