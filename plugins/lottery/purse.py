"""Plugin: points for tickets, prizes and refunds, each posted once for ever: its key names lottery and ticket."""

from __future__ import annotations

from collections.abc import Iterable

from bot.actions import Declare
from bot.context import Context
from bot.events import PointsReturned
from bot.model import Member
from plugins.lottery.model import Entrant, Lottery
from plugins.lottery.settings import Settings

Ctx = Context[Settings]


def price(lottery: Lottery, held: int, wanted: int) -> int:
    """Points for `wanted` tickets on top of those held."""
    rules = lottery.rules
    if held:
        return rules.more * wanted
    return rules.cost + rules.more * (wanted - 1)


def paid(lottery: Lottery, entrant: Entrant) -> int:
    """What somebody has paid in all."""
    return price(lottery, 0, entrant.weight)


async def charge(ctx: Ctx, lottery: Lottery, member_id: str, points: int, ticket: str) -> bool:
    """Take the points; False when they have too few. ticket: names what is paid, once for ever in this lottery."""
    if points == 0:
        return True
    if await ctx.ledger.balance(member_id) < points:
        return False
    reason = ctx.text("reason_entry", 编号=lottery.name)
    return await ctx.ledger.post(member_id, -points, reason, f"lottery:{lottery.name}:{member_id}:{ticket}")


async def refund(ctx: Ctx, lottery: Lottery, entrants: Iterable[Entrant]) -> int:
    """Give back what they paid; returns how many got something."""
    count = 0
    for one in entrants:
        if points := paid(lottery, one):
            reason = ctx.text("reason_refund", 编号=lottery.name)
            key = f"lottery-back:{lottery.name}:{one.member_id}"
            count += await ctx.ledger.post(one.member_id, points, reason, key)
    return count


async def give_back(ctx: Ctx, lottery: Lottery, entrant: Entrant) -> int:
    """What they paid for this entry, which they withdraw; returns the points."""
    points = paid(lottery, entrant)
    if points:
        reason = ctx.text("reason_withdrawn", 编号=lottery.name)
        await ctx.ledger.post(
            entrant.member_id, points, reason, f"lottery-out:{lottery.name}:{entrant.member_id}:{entrant.seq}"
        )
    return points


def returned(ctx: Ctx, lottery: Lottery, entrant: Entrant) -> Declare:
    """For whoever had to wait for these points."""
    fact = PointsReturned(
        id=f"{ctx.event.id}:{lottery.name}:{entrant.member_id}",
        at=ctx.now,
        group=ctx.group.id,
        member=Member(entrant.member_id, entrant.name),
        points=paid(lottery, entrant),
        paid_at=entrant.at or lottery.created_at,
    )
    return Declare(fact=fact)


async def award(ctx: Ctx, lottery: Lottery, member_id: str, points: int) -> None:
    """A prize that is points is paid at once."""
    reason = ctx.text("reason_prize", 编号=lottery.name)
    await ctx.ledger.post(member_id, points, reason, f"lottery-prize:{lottery.name}:{member_id}")
