"""Plugin: the groups of one lottery: each spoken to in its own language, all timers in the first."""

from __future__ import annotations

from bot.context import Context
from plugins.lottery.model import Lottery
from plugins.lottery.settings import Settings

Ctx = Context[Settings]


def draw_timer(no: int) -> str:
    return f"draw:{no}"


def merge_timer(no: int) -> str:
    return f"merge:{no}"


def claim_timer(no: int) -> str:
    return f"claim:{no}"


def number_timer(no: int) -> str:
    return f"number:{no}"


async def of_group(ctx: Ctx, group: str) -> Ctx:
    """The event as seen from that group."""
    if group == ctx.group.id:
        return ctx
    return ctx.inside(next(one for one in await ctx.groups() if one.id == group))


async def home(ctx: Ctx, lottery: Lottery) -> Ctx:
    """As seen from the group where the lottery was started."""
    return await of_group(ctx, lottery.group)


async def everywhere(ctx: Ctx, lottery: Lottery) -> list[Ctx]:
    """As seen from each of its groups that the bot still looks after."""
    known = {one.id: one for one in await ctx.groups()}
    return [
        ctx if group == ctx.group.id else ctx.inside(known[group])
        for group in lottery.groups
        if group in known and (known[group].enabled or group == lottery.group)
    ]


async def stop_timers(ctx: Ctx, lottery: Lottery) -> None:
    """Nothing more rings for its entries and its draw."""
    for room in await everywhere(ctx, lottery):
        await room.timers.cancel(merge_timer(lottery.no))
    first = await home(ctx, lottery)
    await first.timers.cancel(draw_timer(lottery.no))
    await first.timers.cancel(number_timer(lottery.no))
