"""Plugin: lottery: the console's table of lotteries: those that run, and the last that are over."""

from __future__ import annotations

from bot.plugin import Deed, Panel, PanelRow
from plugins.lottery import say, store
from plugins.lottery.model import Lottery, State
from plugins.lottery.say import Ctx
from plugins.lottery.settings import plugin

OVER = 10


@plugin.panel("activity")
async def lotteries(ctx: Ctx, member_id: str) -> Panel:
    found = [*await store.open_in(ctx.db, ctx.group.id), *await store.closed_in(ctx.db, ctx.group.id, OVER)]
    columns = tuple(ctx.text(f"panel_{column}") for column in ("no", "prize", "entrants", "state", "proof"))
    return Panel(ctx.text("panel_title"), columns, tuple([await _row(ctx, one) for one in found]))


async def _row(ctx: Ctx, one: Lottery) -> PanelRow:
    entered = await store.count(ctx.db, one.no)
    cells = (
        one.name,
        say.prizes(ctx, one.draft.tiers, one.rules.everyone),
        str(entered),
        ctx.text(f"panel_{one.state}"),
        one.proof.rpartition("/")[2],
    )
    if one.state is not State.OPEN:
        return PanelRow(cells)
    draw = Deed(ctx.text("panel_draw"), f"/开奖 {one.name}", ctx.text("panel_sure_draw", 编号=one.name))
    cancel = Deed(ctx.text("panel_cancel"), f"/取消 {one.name}", ctx.text("panel_sure_cancel", 编号=one.name))
    return PanelRow(cells, (draw, cancel))
