"""Plugin: the steps of an order: reserved and paid in one, handed out, given back. Each happens once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from bot.actions import Action, Declare, NotifyAdmins, SendText
from bot.context import Context
from bot.events import PointsReturned, TimerDue
from bot.model import Member
from bot.text import clean_name
from plugins.shop import say, store
from plugins.shop.model import Goods, Kind, Order, State
from plugins.shop.settings import Settings, plugin

Ctx = Context[Settings]
_NAMED = 30


def expiry(no: int) -> str:
    return f"expire:{no}"


async def reserve(ctx: Ctx, one: Goods, who: Member) -> Order:
    """Take one, write the order down, take the points. Whoever calls has looked at stock, limit and balance."""
    if not await store.take(ctx.db, one):
        raise ValueError(f"nothing left of {one.no}")
    order = await store.order(ctx.db, one, who.id, clean_name(who.name), ctx.now)
    reason = ctx.text("reason_bought", 名称=one.name, 单号=order.label)
    await ctx.ledger.post(who.id, -one.price, reason, order.key, actor=who.id)
    if one.kind is Kind.HAND:
        await ctx.notes.set(f"new:{order.no:09}", who.id)
        await ctx.timers.start("admins", ctx.settings.tell_admins)
        if ctx.settings.refund_after is not None:
            await ctx.timers.start(expiry(order.no), ctx.settings.refund_after, payload={"no": str(order.no)})
    return order


async def refund(ctx: Ctx, order: Order, *, by: str, reason: str) -> Declare:
    """Give the points back with a counter-entry; what was only reserved goes back to the stock. To be yielded."""
    await ctx.ledger.reverse(order.key, reason, actor=by)
    if order.state is State.RESERVED and order.kind is Kind.HAND:
        await store.put_back(ctx.db, order.goods)
    await store.settle(ctx.db, order.no, State.REFUNDED, ctx.now, by)
    await ctx.timers.cancel(expiry(order.no))
    who, about = Member(order.member, order.name), f"{ctx.event.id}:{order.key}"
    fact = PointsReturned(id=about, at=ctx.now, group=ctx.group.id, member=who, points=order.price, paid_at=order.at)
    return Declare(fact=fact)


async def hand_out(ctx: Ctx, order: Order, *, by: str) -> None:
    await store.settle(ctx.db, order.no, State.DONE, ctx.now, by)
    await ctx.timers.cancel(expiry(order.no))


@plugin.on(TimerDue)
async def ring(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    what, _, _ = event.name.partition(":")
    if what == "admins":
        orders = [one for one in await _noted(ctx, "new:") if one.state is State.RESERVED]
        if orders:
            lines = [say.waiting(ctx, one) for one in orders[: ctx.settings.listed]]
            if len(orders) > len(lines):
                lines.append(ctx.text("more", 个数=len(orders) - len(lines)))
            head = ctx.text("to_hand_out", 单数=len(orders))
            how = ctx.text("how_hand_out", 单号=orders[0].label)
            yield NotifyAdmins(group=ctx.group.id, text="\n".join([head, *lines, how]))
    elif what == "rush":
        if (one := await store.get(ctx.db, ctx.group.id, int(event.payload["no"]))) is not None:
            for action in _won(ctx, one, await _noted(ctx, f"rush:{one.no}:")):
                yield action
    elif what == "opens":
        one = await store.get(ctx.db, ctx.group.id, int(event.payload["no"]))
        if one is not None and one.on and one.opens_at is not None and one.opens_at <= ctx.now:
            yield SendText(group=ctx.group.id, text=ctx.text("opened", 商品=say.goods(ctx, one), 编号=one.no))
    elif what == "expire":
        order = await store.get_order(ctx.db, int(event.payload["no"]))
        if order is not None and order.state is State.RESERVED:
            returned = await refund(ctx, order, by="", reason=ctx.text("reason_expired", 名称=order.goods_name))
            yield returned
            yield _tell(ctx, order, "expired")


async def _noted(ctx: Ctx, prefix: str) -> list[Order]:
    """The orders noted under a prefix; the notes go."""
    notes = await ctx.notes.all(prefix)
    for key in notes:
        await ctx.notes.delete(key)
    return await store.several(ctx.db, (int(key.rpartition(":")[2]) for key in notes))


def _won(ctx: Ctx, one: Goods, orders: Sequence[Order]) -> list[Action]:
    """Those who got one in the rush, named together, a few dozen in a message."""
    said: list[Action] = []
    for start in range(0, len(orders), _NAMED):
        some = orders[start : start + _NAMED]
        names = "、".join(f"@{order.name}" for order in some)
        key = "rush" if one.stock is None or one.stock else "rush_over"
        text = ctx.text(key, 名称=one.name, 名单=names, 剩="" if one.stock is None else one.stock)
        said.append(SendText(group=ctx.group.id, text=text, mentions=tuple(Member(o.member, o.name) for o in some)))
    return said


def _tell(ctx: Ctx, order: Order, key: str) -> SendText:
    text = ctx.text(key, 昵称=order.name, 名称=order.goods_name, 单号=order.label, 价格=order.price)
    return SendText(group=order.group, text=text, mentions=(Member(order.member, order.name),))
