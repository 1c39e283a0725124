"""Plugin: shop: the console's tables: what is on sale, and what waits to be handed out."""

from __future__ import annotations

from bot.plugin import Context, Deed, Panel, PanelRow
from bot.text import clean_name
from plugins.shop import store
from plugins.shop.settings import Settings, plugin

Ctx = Context[Settings]
ORDERS = 50


@plugin.panel("activity")
async def goods(ctx: Ctx, member_id: str) -> Panel:
    columns = tuple(ctx.text(f"panel_{column}") for column in ("no", "name", "price", "stock"))
    rows = [
        PanelRow((str(one.no), one.name, str(one.price), "∞" if one.stock is None else str(one.stock)))
        for one in await store.on_sale(ctx.db, ctx.group.id)
    ]
    return Panel(ctx.text("panel_goods"), columns, tuple(rows))


@plugin.panel("activity")
async def orders(ctx: Ctx, member_id: str) -> Panel:
    columns = tuple(ctx.text(f"panel_{column}") for column in ("no", "who", "name", "price"))
    rows = []
    for one in await store.waiting(ctx.db, ctx.group.id, ORDERS):
        done = Deed(ctx.text("panel_deliver"), f"/发货 {one.label}")
        back = Deed(ctx.text("panel_refund"), f"/退款 {one.label}", ctx.text("panel_sure_refund", 单号=one.label))
        rows.append(PanelRow((one.label, clean_name(one.name), one.goods_name, str(one.price)), (done, back)))
    return Panel(ctx.text("panel_orders"), columns, tuple(rows))
