"""Plugin: how goods and orders are told."""

from __future__ import annotations

from bot.context import Context
from bot.text import clip
from plugins.shop.model import Goods, Kind, Order, State
from plugins.shop.settings import Settings

Ctx = Context[Settings]


def goods(ctx: Ctx, one: Goods) -> str:
    """`#1 咖啡券 20 分，剩 10，每人限 2，1/6 20:00 开抢`."""
    parts = [ctx.text("goods", 编号=one.no, 名称=one.name, 价格=one.price)]
    if one.stock is not None:
        parts.append(ctx.text("left", 剩=one.stock) if one.stock else ctx.text("sold_out_short"))
    if one.per_person:
        parts.append(ctx.text("each", 限=one.per_person))
    if one.opens_at is not None and one.opens_at > ctx.now:
        parts.append(ctx.text("opens", 时间=moment(ctx, one)))
    return ctx.text("comma").join(parts)


def moment(ctx: Ctx, one: Goods) -> str:
    """When it opens, as the group's clock says."""
    assert one.opens_at is not None
    local = one.opens_at.astimezone(ctx.group.zone)
    return f"{local:%H:%M}" if local.date() == ctx.today else f"{local.month}/{local.day} {local:%H:%M}"


def mine(ctx: Ctx, one: Order, *, private: bool) -> str:
    """One's own order; a code is told only in a private chat."""
    local = one.at.astimezone(ctx.group.zone)
    state = ctx.text("state_code" if one.kind is Kind.CODE and one.state is State.DONE else f"state_{one.state}")
    values = {"月": local.month, "日": local.day, "单号": one.label, "名称": one.goods_name, "价格": one.price}
    line = ctx.text("order_mine", **values, 状态=state)
    return f"{line} {one.code}" if private and one.code else line


def waiting(ctx: Ctx, one: Order) -> str:
    local = one.at.astimezone(ctx.group.zone)
    values = {"单号": one.label, "昵称": clip(one.name, 16), "名称": one.goods_name}
    return ctx.text("order_waiting", **values, 月=local.month, 日=local.day)
