"""Plugin: nickname: who is asked, when: at a join, at a change, once a day; always together, never twice too soon."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.actions import Action, NotifyAdmins, Purpose, RemoveMember, SendText
from bot.context import Profile
from bot.events import JobDue, MemberJoined, MemberLeft, MemberRenamed, TimerDue
from bot.model import Member, Role, Signal
from bot.text import clean_name, say_many
from plugins.nickname import store
from plugins.nickname.pattern import Pattern, parse_pattern
from plugins.nickname.plugin import Ctx, plugin
from plugins.nickname.store import NEVER, Asked

SOON = "remind"
MOST_LISTED = 30


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


@plugin.daily(lambda settings: settings.scan if settings.enabled else None, name="scan", late=timedelta(hours=6))
async def scan(event: JobDue, ctx: Ctx) -> AsyncIterator[Action]:
    """The whole roster: those never asked, those due again, those asked often enough, those whose time is up."""
    async for action in remind(ctx):
        yield action
    async for action in _conclude(ctx):
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


async def _conclude(ctx: Ctx) -> AsyncIterator[Action]:
    """Those asked often enough: listed for the admins, given notice if the group removes, removed in the end."""
    settings = ctx.settings
    pattern = parse_pattern(settings.pattern)
    asked = await store.of_group(ctx.db, ctx.group.id)
    stubborn = [
        (person, each)
        for person in await wrong_names(ctx, pattern)
        if (each := asked.get(person.id)) is not None
        and each.times >= settings.reminders
        and each.last_at is not None
        and ctx.now - each.last_at >= settings.every
    ]
    fresh = [person for person, each in stubborn if each.listed_at is None]
    if fresh:
        await store.write(ctx.db, ctx.group.id, [(p.id, replace(asked[p.id], listed_at=ctx.now)) for p in fresh])
        names = say_many([clean_name(person.name) or ctx.text("unnamed") for person in fresh], MOST_LISTED)
        key = "listed" if settings.remove_after is None else "listed_notice"
        text = ctx.text(key, 人数=len(fresh), 次=settings.reminders, 格式=pattern.source, 名单=names)
        yield NotifyAdmins(group=ctx.group.id, text=text)
    if settings.remove_after is None:
        return
    async for action in _give_notice(ctx, pattern, [(p, e) for p, e in stubborn if e.noticed_at is None]):
        yield action
    over = [p for p, e in stubborn if e.noticed_at is not None and ctx.now - e.noticed_at >= settings.remove_after]
    over = over[: settings.most_removals]
    # Where the mode or a brake holds the removal back, it is proposed again only after as long.
    await store.write(ctx.db, ctx.group.id, [(p.id, replace(asked[p.id], noticed_at=ctx.now)) for p in over])
    for person in over:
        reason = ctx.text("removal", 格式=pattern.source)
        case = await ctx.cases.open(person.member, ctx.text("verdict"), (Signal("nickname", reason, 1.0),))
        await ctx.cases.settle(case.no, "removing")
        yield RemoveMember(group=ctx.group.id, case=case.no, member=person.member, reason=f"W{case.no} {reason}")


async def _give_notice(ctx: Ctx, pattern: Pattern, people: Sequence[tuple[Profile, Asked]]) -> AsyncIterator[Action]:
    """Said in the group, with the day: nobody is removed who was not told when."""
    after = ctx.settings.remove_after
    if not people or after is None:
        return
    people = people[: ctx.settings.most_names]
    rows = [(person.id, replace(each, listed_at=ctx.now, noticed_at=ctx.now)) for person, each in people]
    await store.write(ctx.db, ctx.group.id, rows)
    until = (ctx.now + after).astimezone(ctx.group.zone)
    text = ctx.text(
        "notice",
        名单=say_names(ctx, [person for person, _ in people]),
        时间=ctx.text("moment", 月=until.month, 日=until.day, 时刻=f"{until:%H:%M}"),
        格式=pattern.source,
        例子=pattern.example,
    )
    named = tuple(person.member for person, _ in people)
    yield SendText(group=ctx.group.id, text=text, mentions=named, purpose=Purpose.ENFORCEMENT)
