"""Plugin: points for talking, counted from the archive once the day is over, so that talk itself costs nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta

from bot.actions import Action
from bot.context import Context
from bot.events import JobDue
from plugins.points import store
from plugins.points.settings import Settings, plugin
from plugins.points.talk import Said, Worth, counted

Ctx = Context[Settings]
_LATE = timedelta(hours=20)
_MOST_DAYS = 3
"""How many days the bot was away are made up for."""


@plugin.daily(lambda settings: settings.talk_at if settings.talk else None, name="talk", late=_LATE)
async def settle(event: JobDue, ctx: Ctx) -> AsyncIterator[Action]:
    yesterday = event.due_at.astimezone(ctx.group.zone).date() - timedelta(days=1)
    last = await ctx.notes.get("talk")
    first = (
        max(date.fromisoformat(last) + timedelta(days=1), yesterday - timedelta(days=_MOST_DAYS - 1))
        if last
        else yesterday
    )
    for back in range((yesterday - first).days, -1, -1):
        await _settle_day(ctx, yesterday - timedelta(days=back))
    await ctx.notes.set("talk", yesterday.isoformat())
    return
    yield


async def _settle_day(ctx: Ctx, day: date) -> None:
    """Pay one day. The cap is a person's own over all groups, so that what another group paid is taken off."""
    settings = ctx.settings
    start = datetime.combine(day, time(), ctx.group.zone)
    end = datetime.combine(day + timedelta(days=1), time(), ctx.group.zone)
    prefixes = tuple(ctx.commands.prefixes)
    said = [
        Said(one.sender_id, one.at.astimezone(ctx.group.zone), one.text)
        for one in await ctx.archive.between(start, end)
        if one.kind == "text" and not one.text.lstrip().startswith(prefixes)
    ]
    night = (settings.talk_night_from, settings.talk_night_to)
    hours = None if night[0] is None or night[1] is None else (night[0], night[1])
    worth = Worth(settings.talk_shortest, settings.talk_gap, hours)
    for member, messages in sorted(counted(said, worth).items()):
        profile = await ctx.members.get(member)
        if profile is None or not profile.present:
            continue
        before = await store.talked_on(ctx.db, member, day)
        points = min(messages * settings.talk, settings.talk_most - before)
        if points <= 0:
            continue
        reason = ctx.text("reason_talk", 月=day.month, 日=day.day, 条数=messages)
        if await ctx.ledger.post(member, points, reason, f"talk:{member}:{day}:{ctx.group.id}"):
            await store.keep_talked(ctx.db, member, day, before + points)
