"""Plugin: who said how much between two days: added-up days from the table, open ones from the archive."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta

from bot.actions import Action
from bot.context import Context
from bot.events import JobDue
from plugins.leaderboard import store
from plugins.leaderboard.plugin import Settings, plugin
from plugins.leaderboard.talk import Rules, Tally, count

MOST_A_DAY = 20_000
_DAY = timedelta(days=1)
_OPEN_READ, _CLOSED_A_NIGHT, _LOOKED_BACK = 3, 5, 31


def bounds(ctx: Context[Settings], first: date, last: date) -> tuple[datetime, datetime]:
    """From the beginning of `first` to the end of `last` where the group lives."""
    start, end = (datetime.combine(day, time(), ctx.group.zone).astimezone(UTC) for day in (first, last + _DAY))
    return start, end


def rules_of(ctx: Context[Settings]) -> Rules:
    settings = ctx.settings
    return Rules(ctx.commands.prefixes, ctx.group.zone, settings.per_minute, settings.shortest, settings.night_until)


async def between(ctx: Context[Settings], first: date, last: date) -> dict[str, Tally]:
    """Each member's talk on these local days. Of days that nobody has added up the newest three are read."""
    last = min(last, ctx.today)
    done = await store.closed_between(ctx.db, ctx.group.id, first, last)
    found = await store.total(ctx.db, ctx.group.id, first, last) if done else {}
    day, read = last, 0
    while day >= first and read < _OPEN_READ:
        if day not in done:
            read += 1
            for member, tally in (await _of_day(ctx, day)).items():
                known = found.setdefault(member, Tally())
                known.said += tally.said
                known.counted += tally.counted
        day -= _DAY
    return found


async def _of_day(ctx: Context[Settings], day: date) -> dict[str, Tally]:
    """From the archive; what one brief asks twice is read once."""
    key = (ctx.group.id, day, ctx.event.id)
    if ctx.memory.get("key") != key:
        start, end = bounds(ctx, day, day)
        said = await ctx.archive.between(start, end, limit=MOST_A_DAY)
        ctx.memory["key"], ctx.memory["tallies"] = key, count(said, rules_of(ctx))
    tallies: dict[str, Tally] = ctx.memory["tallies"]
    return tallies


@plugin.daily(lambda settings: time(0, 10), name="close", late=timedelta(hours=23))
async def close_days(event: JobDue, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """Add up yesterday, and days before it that were left open while the bot was away."""
    yesterday = ctx.today - _DAY
    done = await store.closed_between(ctx.db, ctx.group.id, yesterday - _LOOKED_BACK * _DAY, yesterday)
    wanted = [day for back in range(_LOOKED_BACK) if (day := yesterday - back * _DAY) not in done]
    for day in wanted[:_CLOSED_A_NIGHT]:
        await store.close(ctx.db, ctx.group.id, day, await _of_day(ctx, day))
    return
    yield
