"""Plugin: stats: `/统计`: growth, activity, who stays, what was done, in at most twelve lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta

from bot.actions import Action
from bot.commands import Call
from bot.duration import parse_duration
from bot.errors import CommandError
from bot.model import Role
from bot.text import clean_name, clip
from plugins.stats.plugin import Ctx, plugin

LONGEST = timedelta(days=366)
CASES = 2000
"""Cases looked at; nobody's group has so many in a year."""
HOURS, INVITERS = 3, 3
_REMOVED, _FORGIVEN = frozenset(("removed",)), frozenset(("undone", "withdrawn", "dropped"))


@plugin.command(
    "统计",
    "stats",
    usage="[7天]",
    example="/统计 7天",
    help="群的增长、活跃、留存、案件和邀请",
    role=Role.ADMIN,
)
async def show_numbers(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Whole local days, today included."""
    ctx.need_group()
    days = _days(call.text, ctx)
    yield ctx.reply(call.event, await summary(ctx, days), mention=False)


def _days(said: str, ctx: Ctx) -> int:
    if not said:
        return max(ctx.settings.lasts.days, 1)
    try:
        lasts = parse_duration(f"{said}天" if said.isdigit() else said)
    except ValueError:
        raise CommandError(ctx.text("usage")) from None
    if not timedelta(days=1) <= lasts <= LONGEST:
        raise CommandError(ctx.text("usage"))
    return lasts.days


async def summary(ctx: Ctx, days: int) -> str:
    last = ctx.today
    first = last - timedelta(days=days - 1)
    start, end = _midnight(ctx, first), _midnight(ctx, last + timedelta(days=1))
    now, before = (
        await ctx.members.numbers(first, last),
        await ctx.members.numbers(first - timedelta(days=days), first - timedelta(days=1)),
    )
    period = ctx.text("period", 天数=days, 起=_day(ctx, first), 止=_day(ctx, last))
    lines = [
        ctx.text("head", 群名=clip(ctx.group.topic or ctx.group.id, 20), 期间=period),
        ctx.text(
            "growth", 人数=await ctx.members.count(), 进=now.joined, 退=now.left, 净=f"{now.joined - now.left:+d}"
        ),
        ctx.text("talk", 消息=now.messages, 人=now.speakers, 日均=round(now.messages / days)),
    ]
    if before.messages:
        change = round((now.messages - before.messages) * 100 / before.messages)
        lines.append(ctx.text("compared", 天数=days, 消息=f"{change:+d}%", 人=f"{now.speakers - before.speakers:+d}"))
    if hours := await _hours(ctx, start, end):
        lines.append(ctx.text("hours", 时段=hours))
    if now.top:
        names = [ctx.text("top_one", 名=await _name(ctx, who), 条=said) for who, said in now.top[: ctx.settings.top]]
        lines.append(ctx.text("top", 名单=ctx.text("comma").join(names)))
    if now.joined:
        lines += await _newcomers(ctx, start, end, now.joined)
    lines += await _cases(ctx, start)
    return "\n".join(lines)


async def _hours(ctx: Ctx, start: datetime, end: datetime) -> str:
    """The hours of the day, local, in which most is said."""
    by_hour: Counter[int] = Counter()
    for at, said in (await ctx.archive.hours(start, end)).items():
        by_hour[at.astimezone(ctx.group.zone).hour] += said
    best = [ctx.text("hour", 时=hour, 条=said) for hour, said in by_hour.most_common(HOURS) if said]
    return ctx.text("comma").join(best)


async def _newcomers(ctx: Ctx, start: datetime, end: datetime, joined: int) -> list[str]:
    stayed = await ctx.members.joined_between(start, end)
    spoke = sum(person.message_count > 0 for person in stayed)
    brought = Counter(person.inviter_id for person in stayed if person.inviter_id)
    lines = [ctx.text("newcomers", 进=joined, 在=len(stayed), 开口=spoke)]
    if brought:
        best = [ctx.text("top_one", 名=await _name(ctx, who), 条=count) for who, count in brought.most_common(INVITERS)]
        lines.append(ctx.text("invites", 人=brought.total(), 名单=ctx.text("comma").join(best)))
    return lines


async def _cases(ctx: Ctx, start: datetime) -> list[str]:
    states = Counter(case.state for case in await ctx.cases.recent(CASES) if case.opened_at >= start)
    if not states:
        return []
    return [
        ctx.text(
            "cases",
            件=states.total(),
            移出=sum(states[state] for state in _REMOVED),
            补=states["paid"],
            撤=sum(states[state] for state in _FORGIVEN),
        )
    ]


async def _name(ctx: Ctx, member: str) -> str:
    known = await ctx.members.get(member)
    return clip(clean_name(known.name), 10) if known is not None else ctx.text("somebody")


def _midnight(ctx: Ctx, day: date) -> datetime:
    return datetime.combine(day, time(), ctx.group.zone)


def _day(ctx: Ctx, day: date) -> str:
    return ctx.say_day(day)
