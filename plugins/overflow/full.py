"""Plugin: overflow: a group is nearly full: the admins hear of it once, the next group is found or proposed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action, NotifyAdmins
from bot.context import GroupInfo
from bot.events import JobDue, MemberJoined, TopicChanged
from plugins.overflow.plugin import Ctx, plugin
from plugins.overflow.series import parse_topic, same_series

TOLD, NOBODY = "told", "-"
ROOM_AGAIN = 20
"""A group must have so many seats free again before it is called full once more."""


@plugin.on(MemberJoined)
async def one_more(event: MemberJoined, ctx: Ctx) -> AsyncIterator[Action]:
    async for action in look(ctx):
        yield action


@plugin.daily(lambda settings: settings.check if settings.enabled else None, name="check", late=timedelta(hours=12))
async def daily(event: JobDue, ctx: Ctx) -> AsyncIterator[Action]:
    async for action in look(ctx):
        yield action


@plugin.on(TopicChanged)
async def renamed(event: TopicChanged, ctx: Ctx) -> AsyncIterator[Action]:
    """A group of the series has got its name: whoever waits for it looks again."""
    for group in await ctx.groups():
        if group.enabled and same_series(group.topic, event.topic):
            async for action in look(ctx.inside(group)):
                yield action


async def look(ctx: Ctx) -> AsyncIterator[Action]:
    """Full and not told yet, or told to open a group that exists now: say so, and lead the way there."""
    settings, size = ctx.settings, ctx.group.size
    if not settings.enabled:
        return
    if size < settings.at:
        if size < settings.at - ROOM_AGAIN:
            await ctx.notes.delete(TOLD)
        return
    following = await next_group(ctx)
    told = await ctx.notes.get(TOLD)
    if told == (following.id if following else NOBODY):
        return
    await ctx.notes.set(TOLD, following.id if following else NOBODY)
    about = {"人数": size, "上限": settings.limit}
    if following is None:
        wanted = parse_topic(ctx.group.topic)
        number = await _highest(ctx) + 1
        yield NotifyAdmins(group=ctx.group.id, text=ctx.text("full_open", 群名=wanted.named(number), **about))
        return
    if settings.next != following.id:
        await ctx.group_settings.set("overflow.next", following.id, by=plugin.name)
    yield NotifyAdmins(group=ctx.group.id, text=ctx.text("full_next", 群名=following.topic, **about))


async def series(ctx: Ctx) -> list[GroupInfo]:
    """The groups of the same name, this one included, by number."""
    mine = parse_topic(ctx.group.topic).family
    known = [group for group in await ctx.groups() if group.enabled and group.topic]
    found = [group for group in known if parse_topic(group.topic).family == mine]
    return sorted(found, key=lambda group: (parse_topic(group.topic).number, group.id))


async def _highest(ctx: Ctx) -> int:
    return max((parse_topic(group.topic).number for group in await series(ctx)), default=1)


async def next_group(ctx: Ctx) -> GroupInfo | None:
    """Where newcomers go: what an admin chose while it has room, else the next number that has."""
    groups = {group.id: group for group in await ctx.groups() if group.enabled}
    chosen = groups.get(ctx.settings.next)
    if chosen is not None and chosen.id != ctx.group.id and _has_room(ctx, chosen):
        return chosen
    mine = parse_topic(ctx.group.topic).number
    for group in await series(ctx):
        if parse_topic(group.topic).number > mine and group.id != ctx.group.id and _has_room(ctx, group):
            return group
    return None


def _has_room(ctx: Ctx, group: GroupInfo) -> bool:
    return group.size < ctx.inside(group).settings.at
