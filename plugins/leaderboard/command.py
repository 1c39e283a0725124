"""Plugin: `/活跃榜` over days, weeks and months; `/不上榜` for those who would rather not be listed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

from bot.actions import Action
from bot.commands import Call
from bot.context import Context
from bot.errors import CommandError
from bot.events import MemberForgotten
from bot.text import clip
from plugins.leaderboard import store
from plugins.leaderboard.block import HIDDEN, ranked
from plugins.leaderboard.plugin import Settings, plugin
from plugins.leaderboard.tally import between

_DAY = timedelta(days=1)
_RANGES = {
    "今天": "today", "今日": "today", "日": "today", "today": "today", "day": "today",
    "昨天": "yesterday", "昨日": "yesterday", "yesterday": "yesterday",
    "本周": "week", "这周": "week", "周": "week", "week": "week",
    "上周": "last_week", "本月": "month", "这个月": "month", "月": "month", "month": "month", "上月": "last_month",
    "上个月": "last_month",
}  # fmt: skip


def range_of(word: str, today: date) -> tuple[str, date, date] | None:
    """A word's name, first and last day; None when the word is none."""
    name = _RANGES.get(word.lower())
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    match name:
        case "today":
            return name, today, today
        case "yesterday":
            return name, today - _DAY, today - _DAY
        case "week":
            return name, monday, today
        case "last_week":
            return name, monday - 7 * _DAY, monday - _DAY
        case "month":
            return name, first, today
        case "last_month":
            return name, (first - _DAY).replace(day=1), first - _DAY
    return None


@plugin.command(
    "活跃榜",
    "active",
    usage="[今天|昨天|本周|上周|本月|上月]",
    example="/活跃榜 本周",
    help="谁聊得最多",
    cooldown=timedelta(seconds=10),
)
async def show(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    meant = range_of(call.text or "今天", ctx.today)
    if meant is None:
        raise CommandError(ctx.text("which_days", 词=clip(call.text, 10)))
    name, first, last = meant
    found = await ranked(ctx, await between(ctx, first, last))
    title = ctx.text("board", 时候=ctx.text(f"when_{name}"))
    if not found:
        yield ctx.reply(call.event, ctx.text("board_empty", 榜=title))
        return
    lines = [f"{place}. {who} {count}" for place, (_, who, count) in enumerate(found[: ctx.settings.shown], 1)]
    yield ctx.reply(call.event, "\n".join([title, *lines, await _own_place(call, ctx, found)]))


async def _own_place(call: Call, ctx: Context[Settings], found: list[tuple[str, str, int]]) -> str:
    if await ctx.notes.get(HIDDEN + call.asker.id) is not None:
        return ctx.text("you_hidden")
    for place, (member, _, count) in enumerate(found, 1):
        if member == call.asker.id:
            return ctx.text("you", 名次=place, 条数=count)
    return ctx.text("you_not_yet")


@plugin.command("不上榜", "hideme", usage="", example="/不上榜", help="活跃榜和早晚报里不提我")
async def hide(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    await ctx.notes.set(HIDDEN + call.asker.id, "1")
    yield ctx.reply(call.event, ctx.text("hidden"))


@plugin.command("上榜", "showme", usage="", example="/上榜", help="又愿意上活跃榜了")
async def unhide(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    await ctx.notes.delete(HIDDEN + call.asker.id)
    yield ctx.reply(call.event, ctx.text("shown"))


@plugin.on(MemberForgotten)
async def forget(event: MemberForgotten, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """Their days go; that they do not want to be listed is kept, or they would be listed again."""
    await store.forget(ctx.db, ctx.group.id, event.member.id)
    return
    yield
