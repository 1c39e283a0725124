"""Plugin: what somebody hears who is late, in already, or may not take part; never many lines at once."""

from __future__ import annotations

from datetime import timedelta

from bot.actions import Action
from bot.context import Context
from bot.events import MessageReceived
from plugins.lottery import store
from plugins.lottery.model import Lottery, State
from plugins.lottery.settings import Settings
from plugins.lottery.venue import merge_timer

Ctx = Context[Settings]
_SAID_NO = timedelta(minutes=1)
"""The same no is said to the same person once in this time."""


async def late(ctx: Ctx, event: MessageReceived, lottery: Lottery) -> list[Action]:
    """Said once for a rush of late ones; who took part hears how it went for them."""
    lasts = ctx.settings.merge_window
    if event.group and not await ctx.once(f"late:{lottery.no}", lasts=lasts):
        return []
    if lottery.state is State.DRAWN:
        for seat in await store.seats_of(ctx.db, lottery.no):
            if seat.member_id == event.sender.id and seat.state != "void":
                prize = lottery.draft.prize(seat.tier)
                return [ctx.reply(event, ctx.text("late_won", 编号=lottery.name, 奖品=prize))]
        if await store.entry_of(ctx.db, lottery.no, event.sender.id) is not None:
            return [ctx.reply(event, ctx.text("late_lost", 编号=lottery.name))]
    key = "late_sealed" if lottery.state is State.OPEN and lottery.sealed_at else f"late_{lottery.state}"
    return [ctx.reply(event, ctx.text(key, 编号=lottery.name))]


async def again(ctx: Ctx, event: MessageReceived, lottery: Lottery, place: int) -> list[Action]:
    """Once per person, and not while the confirmation is on its way."""
    if event.group and await ctx.timers.due_at(merge_timer(lottery.no)) is not None:
        return []
    if not await ctx.once(f"again:{lottery.no}:{event.sender.id}"):
        return []
    return [ctx.reply(event, ctx.text("again", 编号=lottery.name, 序号=place))]


async def no(ctx: Ctx, event: MessageReceived, lottery: Lottery, why: str, reason: str) -> list[Action]:
    if not await ctx.once(f"no:{lottery.no}:{event.sender.id}:{why}", lasts=_SAID_NO):
        return []
    return [ctx.reply(event, ctx.text("refused", 编号=lottery.name, 原因=reason))]
