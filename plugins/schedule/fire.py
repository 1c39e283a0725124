"""Plugin: schedule: what happens when an entry is due, on time or after the bot was away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta

from bot.actions import Action, NotifyAdmins, Purpose, SendText
from bot.events import JobDue, TimerDue
from bot.text import clip
from plugins.schedule import store
from plugins.schedule.plugin import Ctx, plugin, works_on
from plugins.schedule.say import moment_text
from plugins.schedule.store import Entry

_MOMENT = timedelta(milliseconds=1)
_COUNTED = 1000
"""Months of absence; what was missed then need not be counted to the end."""
_GATHERED = timedelta(minutes=1)
"""What was missed while the bot was away is told in one message, not in one for each entry."""


@plugin.on(TimerDue)
async def ring(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    if event.name == "missed":
        yield await _tell_missed(ctx)
        return
    entry = await store.get(ctx.db, ctx.group.id, int(event.payload["no"]))
    if entry is None or entry.next_at is None:
        return
    due_at = _due(ctx, entry)
    if due_at is None or due_at > ctx.now:
        await _set(ctx, entry, due_at)
        return
    count, last, next_at = _since(ctx, entry, due_at)
    in_time = ctx.now - last <= ctx.settings.late
    if in_time:
        # However many there were while the bot was away, it is said once.
        yield SendText(group=ctx.group.id, text=ctx.render(entry.text), purpose=Purpose.BROADCAST)
    else:
        await _note_missed(ctx, entry, due_at, count)
    await _set(ctx, entry, next_at, sent=int(in_time))


def _since(ctx: Ctx, entry: Entry, due_at: datetime) -> tuple[int, datetime, datetime | None]:
    """How many moments have come from `due_at` on, the last of them, and the one that is still to come."""
    count, last = 1, due_at
    while (after := _next(ctx, entry, last)) is not None and after <= ctx.now:
        if (count := count + 1) > _COUNTED:
            return count, last, _next(ctx, entry, ctx.now)
        last = after
    return count, last, after


def _next(ctx: Ctx, entry: Entry, after: datetime) -> datetime | None:
    return entry.rule.next_after(after, ctx.group.zone, lambda day: works_on(ctx, day))


def _due(ctx: Ctx, entry: Entry) -> datetime | None:
    """When it is due by the zone and the calendar as they are now; both may have changed since it was planned."""
    assert entry.next_at is not None
    return _next(ctx, entry, entry.next_at - _MOMENT)


async def _set(ctx: Ctx, entry: Entry, next_at: datetime | None, *, sent: int = 0) -> None:
    """Wait for the next time; an entry that has none is over."""
    await ctx.timers.cancel(f"entry:{entry.no}")
    if next_at is None:
        await store.remove(ctx.db, ctx.group.id, entry.no)
        return
    await store.move(ctx.db, ctx.group.id, entry.no, next_at, sent=sent)
    await ctx.timers.start(f"entry:{entry.no}", at=next_at, payload={"no": str(entry.no)})


async def _note_missed(ctx: Ctx, entry: Entry, due_at: datetime, count: int) -> None:
    values = {"编号": entry.no, "内容": clip(entry.text, 16), "时间": moment_text(ctx, due_at), "次数": count}
    await ctx.notes.set(f"missed:{entry.no}", ctx.text("missed_once" if count == 1 else "missed_often", **values))
    await ctx.timers.start("missed", after=_GATHERED)


async def _tell_missed(ctx: Ctx) -> NotifyAdmins:
    lines = await ctx.notes.all("missed:")
    for key in lines:
        await ctx.notes.delete(key)
    return NotifyAdmins(group=ctx.group.id, text="\n".join([ctx.text("missed"), *lines.values()]))


@plugin.daily(lambda _: time(0), name="align", late=timedelta(days=1))
async def align(event: JobDue, ctx: Ctx) -> AsyncIterator[Action]:
    """Once a day the plan is looked at anew: the zone, the days off or the clocks may have changed."""
    for entry in await store.of_group(ctx.db, ctx.group.id):
        if entry.next_at is None or entry.next_at <= ctx.now:
            continue
        next_at = _next(ctx, entry, ctx.now - _MOMENT)
        if next_at != entry.next_at:
            await _set(ctx, entry, next_at)
    for _ in ():
        yield _
