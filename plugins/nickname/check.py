"""Plugin: nickname: who is asked, when: at a join, at a change; always together, never twice too soon."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.actions import Action, Purpose, SendText
from bot.context import Profile
from bot.events import MemberJoined, MemberLeft, MemberRenamed, TimerDue
from bot.model import Member, Role
from bot.text import clean_name
from plugins.nickname import store
from plugins.nickname.pattern import Pattern, parse_pattern
from plugins.nickname.plugin import Ctx, plugin
from plugins.nickname.store import NEVER, Asked

SOON = "remind"


@plugin.on(MemberJoined)
async def joined(event: MemberJoined, ctx: Ctx) -> AsyncIterator[Action]:
    """Somebody new gets a while to change their name by themselves."""
    await _look_soon(event.member, ctx)
    return
    yield


@plugin.on(MemberRenamed)
async def renamed(event: MemberRenamed, ctx: Ctx) -> AsyncIterator[Action]:
    """A right name ends the matter, but not the interval: nobody is asked more often for changing to and fro."""
    if not ctx.settings.enabled:
        return
    if not parse_pattern(ctx.settings.pattern).fits(event.member.name):
        await _look_soon(event.member, ctx)
        return
    before = (await store.of_group(ctx.db, ctx.group.id)).get(event.member.id)
    if before is not None:
        await store.write(ctx.db, ctx.group.id, [(event.member.id, Asked(last_at=before.last_at))])
    return
    yield


@plugin.on(MemberLeft)
async def left(event: MemberLeft, ctx: Ctx) -> AsyncIterator[Action]:
    if ctx.settings.enabled:
        await store.forget(ctx.db, ctx.group.id, event.member.id)
    return
    yield


async def _look_soon(member: Member, ctx: Ctx) -> None:
    if not ctx.settings.enabled or parse_pattern(ctx.settings.pattern).fits(member.name):
        return
    soon, last = ctx.now + ctx.settings.wait, await ctx.notes.get("reminded_at")
    free = datetime.fromisoformat(last) + ctx.settings.gap if last else soon
    await ctx.timers.start(SOON, at=_waking(ctx, max(soon, free)))


def _waking(ctx: Ctx, at: datetime) -> datetime:
    """Not in the quiet hours: whoever changes their name before they end need not be asked."""
    quiet = ctx.section("policy").quiet
    local = at.astimezone(ctx.group.zone)
    ends: datetime = quiet.ends_after(local) if quiet is not None else local
    return max(at, ends)


@plugin.on(TimerDue)
async def ring(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    async for action in remind(ctx):
        yield action


async def wrong_names(ctx: Ctx, pattern: Pattern) -> list[Profile]:
    """Members present whose nickname does not fit, those left out whom no rule may hit."""
    found = [
        person for person in await ctx.members.present() if person.role < Role.HELPER and not pattern.fits(person.name)
    ]
    return [person for person in found if not await ctx.members.is_exempt(person.id)]


async def remind(ctx: Ctx) -> AsyncIterator[Action]:
    """One message to all who are due; a newcomer whose while is not over waits for the next one."""
    settings = ctx.settings
    if not settings.enabled:
        return
    pattern = parse_pattern(settings.pattern)
    asked = await store.of_group(ctx.db, ctx.group.id)
    due: list[Profile] = []
    new: list[Profile] = []
    for person in await wrong_names(ctx, pattern):
        before = asked.get(person.id, NEVER)
        again = before.last_at is None or ctx.now - before.last_at >= settings.every
        if person.joined_at is not None and ctx.now - person.joined_at < settings.wait:
            new.append(person)
        elif again and before.times < settings.reminders:
            due.append(person)
    if due:
        befores = [(person.id, asked.get(person.id, NEVER)) for person in due]
        rows = [(member, replace(before, times=before.times + 1, last_at=ctx.now)) for member, before in befores]
        await store.write(ctx.db, ctx.group.id, rows)
        await ctx.notes.set("reminded_at", ctx.now.isoformat(), lasts=settings.gap)
    for person in new[:1]:
        await _look_soon(person.member, ctx)
    if not due:
        return
    names = say_names(ctx, due)
    text = ctx.render(settings.text, 昵称=names, 格式=pattern.source, 例子=pattern.example)
    named = tuple(person.member for person in due[: settings.most_names])
    yield SendText(group=ctx.group.id, text=text, mentions=named, purpose=Purpose.BROADCAST)


def say_names(ctx: Ctx, people: Sequence[Profile]) -> str:
    """`@小陈 @小赵`, past the limit with `等 N 人`."""
    most = ctx.settings.most_names
    named = " ".join(f"@{clean_name(person.name) or ctx.text('unnamed')}" for person in people[:most])
    return named if len(people) <= most else ctx.text("and_more", 名单=named, 人数=len(people))
