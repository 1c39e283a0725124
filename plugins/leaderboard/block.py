"""Plugin: blocks of the brief: the numbers of a day, who talked most, who is new."""

from __future__ import annotations

from datetime import date, timedelta

from bot.context import Context
from bot.text import clean_name, say_many
from plugins.leaderboard.plugin import Settings, plugin
from plugins.leaderboard.talk import Tally
from plugins.leaderboard.tally import between, bounds

HIDDEN = "hidden:"
_DAY = timedelta(days=1)
_MORNING_TOP, _EVENING_TOP, _NEWCOMERS = 3, 5, 8


def looked_at(day: date, edition: str) -> date:
    """The day a block looks back at."""
    return day - _DAY if edition == "morning" else day


async def ranked(ctx: Context[Settings], tallies: dict[str, Tally]) -> list[tuple[str, str, int]]:
    """Id, name and count of those who are here and want to be seen, the most talkative first."""
    hidden = {key.removeprefix(HIDDEN) for key in await ctx.notes.all(HIDDEN)}
    order = sorted((-tally.counted, member) for member, tally in tallies.items() if tally.counted)
    found = []
    for negative, member in order:
        if member in hidden or not (profile := await ctx.members.get(member)) or not profile.present:
            continue
        found.append((member, clean_name(profile.name, 12), -negative))
    return found


@plugin.block("yesterday", "昨天的数字")
async def yesterday_block(ctx: Context[Settings], day: date, edition: str) -> str:
    return await _numbers(ctx, day - _DAY, "yesterday")


@plugin.block("today", "今天的数字")
async def today_block(ctx: Context[Settings], day: date, edition: str) -> str:
    return await _numbers(ctx, day, "today")


async def _numbers(ctx: Context[Settings], day: date, when: str) -> str:
    tallies, moved = await between(ctx, day, day), await ctx.members.numbers(day, day)
    messages, speakers = sum(tally.said for tally in tallies.values()), len(tallies)
    if not (messages or moved.joined or moved.left):
        return ctx.text(f"{when}_quiet")
    said = [ctx.text(f"{when}_messages", 条数=messages, 人数=speakers)] if messages else [ctx.text(f"{when}_still")]
    if moved.joined:
        said.append(ctx.text("joined", 人数=moved.joined))
    if moved.left:
        said.append(ctx.text("left", 人数=moved.left))
    return ctx.text("comma").join(said)


@plugin.block("top", "聊得最多")
async def top_block(ctx: Context[Settings], day: date, edition: str) -> str:
    meant = looked_at(day, edition)
    most = _MORNING_TOP if edition == "morning" else _EVENING_TOP
    best = (await ranked(ctx, await between(ctx, meant, meant)))[:most]
    names = ctx.text("and").join(ctx.text("top_one", 昵称=name, 条数=count) for _, name, count in best)
    return ctx.text("top", 名单=names) if best else ""


@plugin.block("newcomers", "新朋友")
async def newcomers_block(ctx: Context[Settings], day: date, edition: str) -> str:
    meant = looked_at(day, edition)
    start, end = bounds(ctx, meant, meant)
    names = [clean_name(profile.name, 12) for profile in await ctx.members.joined_between(start, end)]
    key = "newcomers_yesterday" if edition == "morning" else "newcomers_today"
    return ctx.text(key, 名单=say_many(names, _NEWCOMERS)) if names else ""
