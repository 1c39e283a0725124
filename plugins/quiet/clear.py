"""Plugin: quiet: clearing out: in batches, over restarts, with everybody who spoke up meanwhile left alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action, NotifyAdmins, RemoveMember
from bot.events import RemovalSettled, SendSettled, TimerDue
from bot.model import Member
from bot.text import clean_name, say_many
from plugins.quiet import store
from plugins.quiet.plugin import Ctx, plugin
from plugins.quiet.silence import silence
from plugins.quiet.store import Fate, Round, State

BATCH, DUE, NOTICE = "batch", "due", "notice:"
MOST_LISTED = 60


@plugin.on(TimerDue)
async def ring(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    """The notice has run out, or the next batch is due."""
    one = await store.newest(ctx.db, ctx.group.id)
    if one is None:
        return
    if event.name == DUE and one.state is State.NOTICED:
        still = await still_quiet(ctx, one)
        key = "admins_due" if still else "admins_due_nobody"
        yield NotifyAdmins(group=ctx.group.id, text=ctx.text(key, 人数=len(still), 名单=names(ctx, still)))
        if not still:
            await store.move(ctx.db, one, State.DONE)
    elif event.name == BATCH and one.state is State.REMOVING:
        async for action in remove_batch(ctx, one):
            yield action


@plugin.on(SendSettled)
async def came_to_nothing(event: SendSettled, ctx: Ctx) -> AsyncIterator[Action]:
    """Held back by the mode, or never got through: who was not told cannot be removed, so the round is over."""
    one = await store.newest(ctx.db, ctx.group.id)
    unheard = event.outcome not in ("done", "unknown")
    if one is not None and one.state is State.NOTICED and event.tag == f"{NOTICE}{one.no}" and unheard:
        await store.move(ctx.db, one, State.STOPPED)
        await ctx.timers.cancel(DUE)
        yield NotifyAdmins(group=ctx.group.id, text=ctx.text("admins_unheard"))


async def still_quiet(ctx: Ctx, one: Round) -> list[Member]:
    """Those of a round who have given no sign since it named them, as they are called now."""
    named = {member.id for member in await store.people(ctx.db, one, Fate.NAMED)}
    found = await silence(ctx, one.lasts)
    return [person.member for person, since in found.quiet if person.id in named and since < one.began_at]


async def remove_batch(ctx: Ctx, one: Round) -> AsyncIterator[Action]:
    """The next few; whoever spoke up, left or was exempted meanwhile is spared for good."""
    still = await still_quiet(ctx, one)
    left = {member.id for member in still}
    spared = [member.id for member in await store.people(ctx.db, one, Fate.NAMED) if member.id not in left]
    await store.mark(ctx.db, one, spared, Fate.SPARED)
    batch = still[: ctx.settings.batch]
    await store.mark(ctx.db, one, [member.id for member in batch], Fate.REMOVING)
    if len(still) > len(batch):
        await ctx.timers.start(BATCH, ctx.settings.pause)
    reason = ctx.text("reason", 天数=one.lasts.days)
    for member in batch:
        yield RemoveMember(group=ctx.group.id, member=member, reason=reason, by=one.by)
    if not batch:
        async for action in _finish(ctx, one):
            yield action


@plugin.on(RemovalSettled)
async def settled(event: RemovalSettled, ctx: Ctx) -> AsyncIterator[Action]:
    """One is gone, or is not to be had; after the last the admins get the list, with the way back."""
    one = await store.newest(ctx.db, ctx.group.id)
    if event.case is not None or one is None or one.state not in (State.REMOVING, State.STOPPED):
        return
    going = [member.id for member in await store.people(ctx.db, one, Fate.REMOVING)]
    if event.member.id not in going:
        return
    await store.mark(ctx.db, one, [event.member.id], Fate.REMOVED if event.done else Fate.FAILED)
    if len(going) == 1 and not await store.people(ctx.db, one, Fate.NAMED):
        async for action in _finish(ctx, one):
            yield action


async def _finish(ctx: Ctx, one: Round) -> AsyncIterator[Action]:
    if one.state is not State.REMOVING:
        return
    await store.move(ctx.db, one, State.DONE)
    yield NotifyAdmins(group=ctx.group.id, text=await outcome(ctx, one))


async def outcome(ctx: Ctx, one: Round) -> str:
    """Who was removed, who could not be, how to undo it."""
    removed = await store.people(ctx.db, one, Fate.REMOVED)
    failed = await store.people(ctx.db, one, Fate.FAILED)
    said = ctx.text("admins_done" if removed else "admins_done_nobody", 人数=len(removed), 名单=names(ctx, removed))
    return said + (ctx.text("admins_failed", 人数=len(failed), 名单=names(ctx, failed)) if failed else "")


def names(ctx: Ctx, members: list[Member]) -> str:
    return say_many([clean_name(member.name) or ctx.text("unnamed") for member in members], MOST_LISTED)
