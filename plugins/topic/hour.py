"""Plugin: topic: `/答疑`: an hour of questions, what was asked in it, and the answers people quoted most."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from bot.actions import Action, Purpose, SendText
from bot.commands import Call
from bot.duration import parse_duration
from bot.errors import CommandError
from bot.events import TimerDue
from bot.model import Role
from bot.text import clip, normalise
from bot.when import ABSOLUTE, NotATime, read_absolute, read_window
from plugins.topic import store
from plugins.topic.plugin import Ctx, plugin
from plugins.topic.store import Hour

SHOWN = 8
BEST = 3
_FARTHEST = timedelta(days=30)
_LATE = timedelta(hours=2)
_CANCEL = {"取消", "关", "结束", "cancel"}
_NOW = re.compile(r"^(?:现在|now)(?=$|\s)")
_LENGTH = re.compile(r"^\s*((?:\d+(?:\.\d+)?|半)\s*个?(?:小时|分钟|h|min|m))(?=$|\s)")


@plugin.command(
    "答疑",
    "qa",
    usage="20:00 [1小时] 主题 | 现在 主题 | 结束",
    example="/答疑 明天 20:00 1小时 新手怎么选相机",
    help="约一个时间集中答疑：收问题，第二天回顾好回答",
    role=Role.ADMIN,
)
async def steer(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    if call.text.strip() in _CANCEL:
        async for action in _end_by_hand(call, ctx):
            yield action
        return
    begins, length, subject = _read(call.text, ctx)
    if not subject:
        raise CommandError(ctx.text("hour_empty"))
    if await store.newest_hours(ctx.db, ctx.group.id, "planned", "open"):
        raise CommandError(ctx.text("hour_already"))
    hour = await store.plan(ctx.db, ctx.group.id, clip(subject, 60), begins, begins + length, by=call.asker.id)
    if begins <= ctx.now:
        yield await _open(ctx, hour)
    else:
        await ctx.timers.start(f"open:{hour.no}", at=begins, payload={"no": str(hour.no)})
        text = ctx.text("hour_planned", 主题=hour.subject, 时间=_when(ctx, begins), 时长=ctx.say_duration(length))
        yield SendText(group=ctx.group.id, text=text, purpose=Purpose.SERVICE)
    if not call.event.group:
        yield ctx.reply(call.event, ctx.text("hour_told"))


def _read(text: str, ctx: Ctx) -> tuple[datetime, timedelta, str]:
    """When it begins, how long it takes, and what it is about. Raises CommandError."""
    plain = normalise(text)
    length: timedelta | None = None
    if now := _NOW.match(plain):
        begins, rest = ctx.now, plain[now.end() :]
    else:
        begins, length, rest = _appointed(plain, ctx)
        if begins <= ctx.now:
            raise CommandError(ctx.text("hour_past", 时间=plain[: len(plain) - len(rest)].strip()))
        if begins - ctx.now > _FARTHEST:
            raise CommandError(ctx.text("hour_far"))
    if length is None and (found_length := _LENGTH.match(rest)):
        length = parse_duration(found_length[1].replace("半", "0.5").replace("个", ""))
        rest = rest[found_length.end() :]
    length = ctx.settings.hour if length is None else length
    if not timedelta(minutes=10) <= length <= timedelta(hours=12):
        raise CommandError(ctx.text("hour_length"))
    return begins, length, rest.strip(" ,，:：")


def _appointed(plain: str, ctx: Ctx) -> tuple[datetime, timedelta | None, str]:
    """When it begins, how long it takes where `明晚8点到9点` says so, and what follows. Raises CommandError."""
    try:
        if window := read_window(plain, ctx.now, ctx.group.zone):
            begins, ends, rest = window
            return begins.astimezone(UTC), ends - begins, rest
        if (found := ABSOLUTE.match(plain)) is None:
            raise CommandError(ctx.text("hour_when"))
        begins = read_absolute(found, ctx.now, ctx.group.zone).astimezone(UTC)
    except NotATime as error:
        raise CommandError(ctx.text("hour_no_such_time", 时间=str(error)[:20])) from None
    return begins, None, plain[found.end() :]


def _when(ctx: Ctx, at: datetime) -> str:
    local = at.astimezone(ctx.group.zone)
    days = (local.date() - ctx.today).days
    day = ctx.text(f"day_{days}") if days in (0, 1) else ctx.say_day(local.date())
    return f"{day} {local:%H:%M}"


async def _open(ctx: Ctx, hour: Hour) -> SendText:
    await store.enter(ctx.db, ctx.group.id, hour.no, "open")
    await ctx.timers.start(f"close:{hour.no}", at=hour.ends_at, payload={"no": str(hour.no)})
    ctx.memory[ctx.group.id] = hour.no
    ends = f"{hour.ends_at.astimezone(ctx.group.zone):%H:%M}"
    text = ctx.text("hour_open", 主题=hour.subject, 到=ends)
    return SendText(group=ctx.group.id, text=text, purpose=Purpose.SERVICE)


async def _close(ctx: Ctx, hour: Hour) -> SendText:
    """The list of what was asked; the quotes go on being counted until the recap."""
    await store.enter(ctx.db, ctx.group.id, hour.no, "told" if ctx.settings.recap is None else "closed")
    if ctx.settings.recap is None:
        ctx.memory.pop(ctx.group.id, None)
    else:
        tomorrow = hour.ends_at.astimezone(ctx.group.zone).date() + timedelta(days=1)
        at = datetime.combine(tomorrow, ctx.settings.recap, ctx.group.zone).astimezone(UTC)
        await ctx.timers.start(f"recap:{hour.no}", at=at, payload={"no": str(hour.no)})
    asked = await store.asked_in(ctx.db, ctx.group.id, hour.no)
    lines = [ctx.text("hour_closed" if asked else "hour_silent", 主题=hour.subject, 个数=len(asked))]
    for number, one in enumerate(asked[:SHOWN], 1):
        mark = ctx.text("answers", 个数=one.answers) if one.answers else ""
        lines.append(f"{number}. {one.name}：{clip(one.text, 40)}{mark}")
    if len(asked) > SHOWN:
        lines.append(ctx.text("hour_more", 个数=len(asked) - SHOWN))
    if asked:
        lines.append(ctx.text("hour_thanks"))
    return SendText(group=ctx.group.id, text="\n".join(lines), purpose=Purpose.SERVICE)


async def _end_by_hand(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    found = await store.newest_hours(ctx.db, ctx.group.id, "planned", "open")
    if not found:
        raise CommandError(ctx.text("hour_none"))
    hour = found[0]
    for name in ("open", "close"):
        await ctx.timers.cancel(f"{name}:{hour.no}")
    if hour.state == "open":
        yield await _close(ctx, hour)
    else:
        await store.enter(ctx.db, ctx.group.id, hour.no, "cancelled")
        yield ctx.reply(call.event, ctx.text("hour_cancelled", 主题=hour.subject))


@plugin.on(TimerDue)
async def ring(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    hour = await store.hour(ctx.db, ctx.group.id, int(event.payload["no"]))
    step = event.name.partition(":")[0]
    if hour is None:
        return
    if step == "open" and hour.state == "planned":
        if ctx.now >= hour.ends_at:
            # The bot was away for all of it.
            await store.enter(ctx.db, ctx.group.id, hour.no, "cancelled")
            return
        yield await _open(ctx, hour)
    elif step == "close" and hour.state == "open":
        yield await _close(ctx, hour)
    elif step == "recap" and hour.state == "closed":
        await store.enter(ctx.db, ctx.group.id, hour.no, "told")
        ctx.memory.pop(ctx.group.id, None)
        best = await store.most_quoted(ctx.db, ctx.group.id, hour.no, BEST)
        if best and ctx.now - hour.ends_at < timedelta(days=2):
            lines = [ctx.text("recap", 主题=hour.subject)]
            lines += [ctx.text("recap_line", 昵称=name, 内容=clip(text, 60), 次数=count) for name, text, count in best]
            yield SendText(group=ctx.group.id, text="\n".join(lines), purpose=Purpose.BROADCAST)
