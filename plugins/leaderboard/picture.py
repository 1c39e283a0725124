"""Plugin: `/词云` and `/热力图`: what a group talks about and when, painted beside the event."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta

from bot.actions import Action, Compute, Purpose, SendImage, SendText
from bot.commands import Call
from bot.context import ArchivedMessage, Context
from bot.errors import CommandError
from bot.events import ErrandDone
from bot.model import Capability, Kind
from bot.text import clip
from plugins.leaderboard.command import range_of
from plugins.leaderboard.plugin import Settings, plugin
from plugins.leaderboard.talk import is_command
from plugins.leaderboard.tally import bounds

MOST, LONGEST = 20_000, 200
PAUSE = timedelta(minutes=5)
"""A group sees the same picture again only after this long."""
PICTURES = ("cloud", "heat")


@plugin.command(
    "词云",
    "cloud",
    "群词云",
    usage="[今天|昨天|本周|上周|本月]",
    example="/词云 本周",
    help="群里都在聊什么，画成一张图",
    cooldown=timedelta(seconds=30),
)
async def show_cloud(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    name, first, last = _days(call, ctx, "今天")
    yield await _begin(call, ctx, "cloud", name, first, last)


@plugin.command(
    "热力图",
    "heat",
    usage="[今天|昨天|本周|上周|本月]",
    example="/热力图 本周",
    help="群里一周里哪些钟点最热闹，画成一张图",
    cooldown=timedelta(seconds=30),
)
async def show_heat(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    name, first, last = _days(call, ctx, "本周")
    yield await _begin(call, ctx, "heat", name, first, last)


def _days(call: Call, ctx: Context[Settings], usual: str) -> tuple[str, date, date]:
    if Capability.IMAGE not in ctx.capabilities:
        raise CommandError(ctx.text("no_pictures"))
    meant = range_of(call.text or usual, ctx.today)
    if meant is None:
        raise CommandError(ctx.text("which_days", 词=clip(call.text, 10)))
    return meant


async def _begin(call: Call, ctx: Context[Settings], what: str, name: str, first: date, last: date) -> Action:
    """To be painted; a picture that was shown a moment ago is not."""
    if call.event.group and not await ctx.once(f"{what}:{name}:{first}", lasts=PAUSE):
        raise CommandError(ctx.text("just_shown", 分钟=int(PAUSE / timedelta(minutes=1))))
    start, end = bounds(ctx, first, last)
    messages = await ctx.archive.between(start, end, limit=MOST)
    talk = [one for one in messages if not is_command(one.text, ctx.commands.prefixes)]
    when = ctx.text(f"when_{name}")
    if not talk:
        raise CommandError(ctx.text("nothing_said", 时候=when))
    wanted = _cloud(ctx, talk) if what == "cloud" else _heat(ctx, talk)
    wanted["title"] = ctx.text(f"{what}_title", 时候=when)
    span = ctx.say_day(first)
    if last != first:
        span = ctx.text("span", 从=span, 到=ctx.say_day(last))
    speakers = len({one.sender_id for one in talk})
    wanted["below"] = ctx.text("below", 日子=span, 条数=len(talk), 人数=speakers)
    payload = {"to": "" if call.event.group else call.asker.id}
    argument = json.dumps(wanted, ensure_ascii=False)
    return Compute(group=ctx.group.id, name=what, argument=argument, payload=tuple(payload.items()))


def _cloud(ctx: Context[Settings], talk: list[ArchivedMessage]) -> dict[str, object]:
    numbers: dict[str, int] = {}
    said = [
        (numbers.setdefault(one.sender_id, len(numbers)), one.text[:LONGEST]) for one in talk if one.kind == Kind.TEXT
    ]
    return {"said": said, "foot": clip(ctx.group.topic, 24)}


def _heat(ctx: Context[Settings], talk: list[ArchivedMessage]) -> dict[str, object]:
    hours = [[0] * 24 for _ in range(7)]
    for one in talk:
        local = one.at.astimezone(ctx.group.zone)
        hours[local.weekday()][local.hour] += 1
    _, day, hour = max((times, -day, -hour) for day, row in enumerate(hours) for hour, times in enumerate(row))
    days = [ctx.text(f"weekday_{number}") for number in range(7)]
    return {"hours": hours, "days": days, "foot": ctx.text("busiest", 星期=days[-day], 几点=-hour)}


@plugin.on(ErrandDone, when=lambda event: event.name in PICTURES)
async def painted(event: ErrandDone, ctx: Context[Settings]) -> AsyncIterator[Action]:
    to = event.payload["to"]
    if event.path:
        yield SendImage(group=ctx.group.id, to=to, path=event.path, purpose=Purpose.REPLY)
    else:
        key = "no_words" if event.error == "no words" else "not_painted"
        yield SendText(group=ctx.group.id, to=to, text=ctx.text(key), purpose=Purpose.REPLY)
