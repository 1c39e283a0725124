"""Plugin: what admins do with orders: see which wait, hand out, give the points back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from bot.actions import Action, SendText
from bot.context import Context
from bot.errors import CommandError
from bot.model import Member, Role
from bot.plugin import Call
from bot.text import clip
from plugins.shop import flow, say, store
from plugins.shop.model import Order, State
from plugins.shop.settings import Settings, plugin

Ctx = Context[Settings]
_ORDER = re.compile(r"[dD]?\s?(\d{1,9})")
_MOST_ORDERS = 20


@plugin.command(
    "订单",
    "pending",
    role=Role.ADMIN,
    usage="",
    example="/订单",
    help="等着发货的兑换",
    for_members=("我的兑换",),
)
async def pending(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    found = await store.waiting(ctx.db, ctx.group.id, ctx.settings.listed)
    if not found:
        yield ctx.reply(call.event, ctx.text("none_waiting"), mention=False)
        return
    count = await store.count_waiting(ctx.db, ctx.group.id)
    lines = [ctx.text("to_hand_out", 单数=count), *(say.waiting(ctx, one) for one in found)]
    if count > len(found):
        lines.append(ctx.text("more", 个数=count - len(found)))
    yield ctx.reply(call.event, "\n".join([*lines, ctx.text("how_hand_out", 单号=found[0].label)]), mention=False)


@plugin.command(
    "发货", "deliver", role=Role.ADMIN, usage="D编号 [D编号 …]", example="/发货 D3", help="兑换的东西已经发给本人"
)
async def deliver(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    words = [word for word in re.split(r"[\s,、]+", call.text) if word]
    if not words or len(words) > _MOST_ORDERS:
        raise CommandError(ctx.text("which_order", 命令="发货"))
    orders = [await _order(ctx, word, "发货") for word in words]
    for order in orders:
        if order.state is not State.RESERVED:
            raise CommandError(ctx.text(f"is_{order.state}", 单号=order.label))
    unique = {order.no: order for order in orders}.values()
    for order in unique:
        await flow.hand_out(ctx, order, by=call.asker.id)
    lines = [ctx.text("delivered", 昵称=one.name, 名称=one.goods_name, 单号=one.label) for one in unique]
    mentions = tuple({one.member: Member(one.member, one.name) for one in unique}.values())
    yield SendText(group=ctx.group.id, text="\n".join(lines), mentions=mentions)
    if not call.event.group:
        yield ctx.reply(call.event, ctx.text("delivered_told", 单数=len(unique)))


@plugin.command(
    "退款", "refund", role=Role.ADMIN, usage="D编号 [理由]", example="/退款 D3 没货了", help="取消兑换，积分退回"
)
async def give_back(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    word, _, why = call.text.partition(" ")
    order = await _order(ctx, word, "退款")
    if order.state is State.REFUNDED:
        raise CommandError(ctx.text("refunded_already", 单号=order.label))
    reason = ctx.text("reason_refunded", 名称=order.goods_name, 原因=clip(why, 40) or ctx.text("reason_admin"))
    yield await flow.refund(ctx, order, by=call.asker.id, reason=reason)
    values = {"昵称": order.name, "名称": order.goods_name, "单号": order.label, "价格": order.price}
    text = ctx.text("refunded", **values, 原因=clip(why, 40) or ctx.text("reason_admin"))
    yield SendText(group=ctx.group.id, text=text, mentions=(Member(order.member, order.name),))
    if not call.event.group:
        yield ctx.reply(call.event, ctx.text("refunded_told", 单号=order.label))


async def _order(ctx: Ctx, word: str, command: str) -> Order:
    found = _ORDER.fullmatch(word)
    if found is None:
        raise CommandError(ctx.text("which_order", 命令=command))
    order = await store.get_order(ctx.db, int(found[1]))
    if order is None or order.group != ctx.group.id:
        raise CommandError(ctx.text("no_order", 单号=f"D{found[1]}"))
    return order
