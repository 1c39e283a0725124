"""Plugin: overflow: people who sit in two groups of the series: noticed when they join, told together."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action, NotifyAdmins
from bot.context import GroupInfo
from bot.events import MemberForgotten, MemberJoined, TimerDue
from bot.model import Role
from bot.text import clean_name
from plugins.overflow.full import series
from plugins.overflow.plugin import Ctx, plugin

TWICE = "twice:"
LINES = 30


@plugin.on(MemberJoined)
async def notice(event: MemberJoined, ctx: Ctx) -> AsyncIterator[Action]:
    """Only a note now; a wave of people moving over makes one message."""
    if not ctx.settings.enabled or event.member.role >= Role.HELPER:
        return
    for group in await series(ctx):
        if group.id == ctx.group.id:
            continue
        there = await ctx.inside(group).members.get(event.member.id)
        if there is not None and there.present:
            await ctx.notes.set(f"{TWICE}{event.member.id}", group.id)
            await ctx.timers.start("twice", ctx.settings.twice_after)
            break
    return
    yield


@plugin.on(TimerDue)
async def tell(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    """Those who are still in both."""
    noted = await ctx.notes.all(TWICE)
    groups = {group.id: group for group in await ctx.groups()}
    lines: list[str] = []
    for key, other in noted.items():
        await ctx.notes.delete(key)
        member = key.removeprefix(TWICE)
        here, group = await ctx.members.get(member), groups.get(other)
        there = await ctx.inside(group).members.get(member) if group is not None else None
        if group is not None and here is not None and here.present and there is not None and there.present:
            lines.append(ctx.text("twice_line", 昵称=clean_name(here.name) or ctx.text("unnamed"), 群名=group.topic))
    if lines:
        yield NotifyAdmins(
            group=ctx.group.id, text="\n".join([ctx.text("twice_head", 人数=len(lines)), *_cut(ctx, lines)])
        )


def _cut(ctx: Ctx, lines: list[str]) -> list[str]:
    return lines if len(lines) <= LINES else [*lines[:LINES], ctx.text("more", 人数=len(lines) - LINES)]


async def in_two(ctx: Ctx) -> list[str]:
    """A line for everybody who sits in this group and another of the series; those who run them may."""
    here = {person.id: person for person in await ctx.members.present() if person.role < Role.HELPER}
    elsewhere: dict[str, list[GroupInfo]] = {}
    for group in await series(ctx):
        if group.id != ctx.group.id:
            for person in await ctx.inside(group).members.present():
                if person.id in here:
                    elsewhere.setdefault(person.id, []).append(group)
    lines = [
        ctx.text(
            "twice_line",
            昵称=clean_name(here[member].name) or ctx.text("unnamed"),
            群名="、".join(group.topic for group in groups),
        )
        for member, groups in elsewhere.items()
    ]
    return [ctx.text("twice_head", 人数=len(lines)), *_cut(ctx, lines)] if lines else [ctx.text("twice_nobody")]


@plugin.on(MemberForgotten)
async def forget_member(event: MemberForgotten, ctx: Ctx) -> AsyncIterator[Action]:
    """Nobody is told that they sit in two groups."""
    await ctx.notes.delete(f"{TWICE}{event.member.id}")
    return
    yield
