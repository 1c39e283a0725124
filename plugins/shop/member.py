"""Plugin: what members do in the shop: look, exchange points, look after their orders."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action, Purpose, SendText
from bot.context import Context
from bot.errors import CommandError
from bot.fold import fold
from bot.model import Capability
from bot.number import NUMBER
from bot.plugin import Call
from bot.text import clean_name
from plugins.shop import flow, say, store
from plugins.shop.model import Goods, Kind, State
from plugins.shop.settings import Settings, plugin

Ctx = Context[Settings]
_CANCEL = re.compile(r"(?:取消|退|cancel)\s*[dD]?\s?(\d{1,9})")
_CANCEL_WORDS = ("取消", "退", "退款", "cancel")
_MINUTE = timedelta(minutes=1)
_MARKS = re.compile(r"^[#第]|[号个]$|\s")
"""What people write around a number: `#1`, `1号`, `第1个`."""
_SEVERAL = re.compile(rf"\s*[x×*]\s*{NUMBER}[份个件张]?$|\s+{NUMBER}[份个件张]$")


@plugin.command(
    "兑换", "exchange", usage="[编号|名称]", example="/兑换 1", help="用积分换礼物；没发货前可以 /兑换 取消 D3"
)
async def exchange(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    if not call.text:
        yield ctx.reply(call.event, await listing(ctx), mention=False)
        return
    if found := _CANCEL.fullmatch(call.text):
        for action in await _cancel(call, ctx, int(found[1])):
            yield action
        return
    if call.text in _CANCEL_WORDS:
        raise CommandError(ctx.text("cancel_which"))
    one = await _meant(ctx, call.text)
    if sentence := await _refusal(call, ctx, one):
        if await _may_say(call, ctx, one):
            yield ctx.reply(call.event, sentence)
        return
    order = await flow.reserve(ctx, one, call.asker)
    if one.kind is Kind.CODE:
        given = ctx.text("code_given", 名称=one.name, 券码=order.code, 单号=order.label)
        yield SendText(group=ctx.group.id, to=call.asker.id, text=given, purpose=Purpose.REPLY)
    if one.opens_at is not None and ctx.now - one.opens_at < ctx.settings.rush and call.event.group:
        await ctx.notes.set(f"rush:{one.no}:{order.no:09}", call.asker.id)
        await ctx.timers.start(f"rush:{one.no}", ctx.settings.merge_window, payload={"no": str(one.no)})
        return
    key = "exchanged_code" if one.kind is Kind.CODE else "exchanged"
    if one.kind is Kind.HAND or call.event.group:
        values = {"名称": one.name, "价格": one.price, "单号": order.label}
        yield ctx.reply(call.event, ctx.text(key, **values, 积分=await ctx.ledger.balance(call.asker.id)))


async def listing(ctx: Ctx) -> str:
    found = await store.on_sale(ctx.db, ctx.group.id)
    if not found:
        return ctx.text("empty")
    lines = [ctx.text("head"), *(say.goods(ctx, one) for one in found[: ctx.settings.listed])]
    if len(found) > ctx.settings.listed:
        lines.append(ctx.text("more", 个数=len(found) - ctx.settings.listed))
    return "\n".join([*lines, ctx.text("how", 编号=found[0].no)])


async def _meant(ctx: Ctx, text: str) -> Goods:
    """The goods of this number or name. Raises CommandError."""
    on_sale = await store.on_sale(ctx.db, ctx.group.id)
    plain = _MARKS.sub("", text)
    found = [one for one in on_sale if plain.isdecimal() and one.no == int(plain[:9])]
    found = found or [one for one in on_sale if fold(one.name) == fold(text)]
    found = found or [one for one in on_sale if fold(text) in fold(one.name)]
    if len(found) > 1:
        raise CommandError(ctx.text("which_goods", 名称="、".join(f"#{one.no} {one.name}" for one in found[:5])))
    if not found and (several := _SEVERAL.search(text)):
        one = await _meant(ctx, text[: several.start()].strip())
        raise CommandError(ctx.text("one_at_a_time", 编号=one.no))
    if not found:
        raise CommandError(ctx.text("no_goods", 名称=text[:20]) if on_sale else ctx.text("empty"))
    return found[0]


async def _refusal(call: Call, ctx: Ctx, one: Goods) -> str:
    """Why they may not have it, "" when they may."""
    if one.opens_at is not None and one.opens_at > ctx.now:
        return ctx.text("not_yet", 名称=one.name, 时间=say.moment(ctx, one))
    if one.stock == 0:
        return ctx.text("sold_out", 名称=one.name)
    if one.per_person and await store.bought(ctx.db, one.no, call.asker.id) >= one.per_person:
        return ctx.text("had_enough", 名称=one.name, 限=one.per_person)
    balance = await ctx.ledger.balance(call.asker.id)
    if balance < one.price:
        return ctx.text("poor", 名称=one.name, 价格=one.price, 积分=balance, 差=one.price - balance)
    if one.kind is Kind.CODE and Capability.PRIVATE not in ctx.capabilities:
        return ctx.text("no_private", 名称=one.name)
    return ""


async def _may_say(call: Call, ctx: Ctx, one: Goods) -> bool:
    """In a rush the same no is said once a minute, not to each of two hundred."""
    if not call.event.group or one.opens_at is None:
        return True
    return await ctx.once(f"no:{one.no}:{'early' if one.opens_at > ctx.now else 'late'}", lasts=_MINUTE)


async def _cancel(call: Call, ctx: Ctx, no: int) -> list[Action]:
    order = await store.get_order(ctx.db, no)
    if order is None or order.member != call.asker.id:
        raise CommandError(ctx.text("not_yours", 单号=f"D{no}"))
    if order.state is State.REFUNDED:
        raise CommandError(ctx.text("refunded_already", 单号=order.label))
    if order.state is State.DONE or not ctx.settings.may_cancel:
        raise CommandError(ctx.text("cannot_cancel", 单号=order.label))
    reason = ctx.text("reason_cancelled", 名称=order.goods_name)
    returned = await flow.refund(ctx, order, by=call.asker.id, reason=reason)
    values = {"单号": order.label, "名称": order.goods_name, "价格": order.price}
    text = ctx.text("cancelled", **values, 积分=await ctx.ledger.balance(call.asker.id))
    return [ctx.reply(call.event, text), returned]


@plugin.command("我的兑换", "orders", usage="", example="/我的兑换", help="我换过什么、发货没有；私聊里看券码")
async def mine(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    found = await store.of_member(ctx.db, call.asker.id, ctx.settings.listed)
    if not found:
        yield ctx.reply(call.event, ctx.text("nothing_yet"))
        return
    lines = [say.mine(ctx, one, private=not call.event.group) for one in found]
    head = ctx.text("mine_head", 昵称=clean_name(call.asker.name))
    yield ctx.reply(call.event, "\n".join([head, *lines]), mention=False)
