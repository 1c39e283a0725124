"""Plugin: nickname: once a day the whole roster: who is asked again, listed for the admins, given notice, removed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.actions import Action, NotifyAdmins, Purpose, RemoveMember, SendText
from bot.context import Profile
from bot.events import JobDue, SendSettled
from bot.model import Signal
from bot.text import clean_name, say_many
from plugins.nickname import store
from plugins.nickname.check import remind, say_names, wrong_names
from plugins.nickname.pattern import Pattern, parse_pattern
from plugins.nickname.plugin import Ctx, plugin
from plugins.nickname.store import Asked

NOTICE = "notice"
MOST_LISTED = 30


@plugin.daily(lambda settings: settings.scan if settings.enabled else None, name="scan", late=timedelta(hours=6))
async def scan(event: JobDue, ctx: Ctx) -> AsyncIterator[Action]:
    """The whole roster: those never asked, those due again, those asked often enough, those whose time is up."""
    async for action in remind(ctx):
        yield action
    async for action in _conclude(ctx):
        yield action


async def _conclude(ctx: Ctx) -> AsyncIterator[Action]:
    """Those asked often enough: listed for the admins, given notice if the group removes, removed in the end."""
    settings = ctx.settings
    pattern = parse_pattern(settings.pattern)
    await _renew_notices(ctx)
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


async def _renew_notices(ctx: Ctx) -> None:
    """What was given while the group's mode let nobody hear it was no notice: after a change it is given anew."""
    mode = str(ctx.section("bot").mode)
    before = await ctx.notes.get("mode")
    if before != mode:
        await ctx.notes.set("mode", mode)
        if before is not None:
            await store.take_back(ctx.db, ctx.group.id)


async def _give_notice(ctx: Ctx, pattern: Pattern, people: Sequence[tuple[Profile, Asked]]) -> AsyncIterator[Action]:
    """Said in the group, with the day: nobody is removed who was not told when."""
    after = ctx.settings.remove_after
    if not people or after is None:
        return
    people = people[: ctx.settings.most_names]
    rows = [(person.id, replace(each, listed_at=ctx.now, noticed_at=ctx.now)) for person, each in people]
    await store.write(ctx.db, ctx.group.id, rows)
    text = ctx.text(
        "notice",
        名单=say_names(ctx, [person for person, _ in people]),
        时间=ctx.say_moment(ctx.now + after),
        格式=pattern.source,
        例子=pattern.example,
    )
    named = tuple(person.member for person, _ in people)
    yield SendText(group=ctx.group.id, text=text, mentions=named, purpose=Purpose.ENFORCEMENT, tag=NOTICE)


@plugin.on(SendSettled)
async def came_to_nothing(event: SendSettled, ctx: Ctx) -> AsyncIterator[Action]:
    """Nobody heard it: the next scan says it again, and nobody is removed before."""
    if event.tag == NOTICE and event.outcome in ("failed", "expired"):
        await store.take_back(ctx.db, ctx.group.id)
    return
    yield
