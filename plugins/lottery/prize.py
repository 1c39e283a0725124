"""Plugin: after the draw: who has claimed, and who takes the places that nobody claimed."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action
from bot.context import Context
from bot.errors import CommandError
from bot.model import Role
from bot.plugin import Call
from bot.text import say_many
from plugins.lottery import pick, redraw, store
from plugins.lottery.admin import published
from plugins.lottery.model import Lottery, State
from plugins.lottery.settings import Settings, plugin
from plugins.lottery.venue import claim_timer, home

Ctx = Context[Settings]


@plugin.command(
    "重抽", "redraw", role=Role.ADMIN, usage="L编号 [@名 …]", example="/重抽 L3", help="没领的名额按原顺序递补"
)
async def draw_again(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    lottery = await _drawn(call, ctx)
    named = await _winners_named(call, ctx, lottery)
    planned = await redraw.plan(ctx, lottery, named)
    if planned.losers and not named and not call.confirmed:
        # Who was given the prize but never registered would lose the place, and the prize be given twice.
        about = {"编号": lottery.name, "昵称": say_many(planned.losers, 10)}
        yield await ctx.ask_first(call, ctx.text("redraw_preview", **about))
        return
    for action in published(call, ctx, await redraw.redraw(ctx, lottery, planned, call.asker.id)):
        yield action


@plugin.command(
    "领奖", "claim", role=Role.ADMIN, usage="L编号 @名 …", example="/领奖 L3 @小王", help="登记谁已经领了奖"
)
async def claim(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    lottery = await _drawn(call, ctx)
    named = await _winners_named(call, ctx, lottery)
    if not named:
        raise CommandError(ctx.text("claim_whom"))
    held = [seat for seat in await store.seats_of(ctx.db, lottery.no) if seat.state != "void"]
    fresh = [seat for seat in held if seat.member_id in named and seat.state == "won"]
    if not fresh:
        names = "、".join(seat.name for seat in held if seat.member_id in named)
        raise CommandError(ctx.text("already_claimed", 昵称=names, 编号=lottery.name))
    await store.settle(ctx.db, [seat.id for seat in fresh], "claimed", ctx.now, call.asker.id)
    what = "、".join(f"{seat.name} {lottery.draft.prize(seat.tier)}" for seat in fresh)
    left = sum(seat.state == "won" for seat in held) - len(fresh)
    if not left:
        await (await home(ctx, lottery)).timers.cancel(claim_timer(lottery.no))
    key = "claimed" if left else "claimed_all"
    yield ctx.reply(call.event, ctx.text(key, 编号=lottery.name, 领取=what, 份数=left))


async def _drawn(call: Call, ctx: Ctx) -> Lottery:
    lottery = await pick.meant(ctx, call.text, drawn=True)
    if lottery.state is not State.DRAWN and not (lottery.rules.cards and lottery.state is State.OPEN):
        raise CommandError(ctx.text(f"still_{lottery.state}", 编号=lottery.name))
    return lottery


async def _winners_named(call: Call, ctx: Ctx, lottery: Lottery) -> set[str]:
    """Ids of the winners behind the @names; who has left is found by the name they won under."""
    held = [seat for seat in await store.seats_of(ctx.db, lottery.no) if seat.state != "void"]
    ids = {seat.member_id for seat in held}
    named = {member.id for member in call.members} | {s.member_id for s in held if s.name in call.unknown}
    strangers = [member.name for member in call.members if member.id not in ids]
    strangers += [name for name in call.unknown if name not in {seat.name for seat in held}]
    if strangers:
        raise CommandError(ctx.text("no_winner", 昵称="、".join(strangers), 编号=lottery.name))
    return named
