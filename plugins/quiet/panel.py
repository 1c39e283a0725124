"""Plugin: quiet: the console's table of the last round of clearing out: who was named, and what became of them."""

from __future__ import annotations

from bot.plugin import Deed, Panel, PanelRow
from bot.text import clean_name
from plugins.quiet import store
from plugins.quiet.plugin import Ctx, plugin
from plugins.quiet.store import Fate, State


@plugin.panel("activity")
async def last_round(ctx: Ctx, member_id: str) -> Panel:
    one = await store.newest(ctx.db, ctx.group.id)
    title, columns = ctx.text("panel_title"), (ctx.text("panel_who"), ctx.text("panel_fate"))
    if one is None:
        return Panel(title, columns, ())
    rows = [
        PanelRow((clean_name(person.name), ctx.text(f"panel_{fate}")))
        for fate in Fate
        for person in await store.people(ctx.db, one, fate)
    ]
    at = f"{one.due_at.astimezone(ctx.group.zone):%Y-%m-%d %H:%M}"
    hint = ctx.text("panel_hint", 状态=ctx.text(f"panel_round_{one.state}"), 时间=at)
    if one.state is State.REMOVING and rows:
        rows[0] = PanelRow(rows[0].cells, (Deed(ctx.text("panel_stop"), "/潜水 停"),))
    return Panel(title, columns, tuple(rows), hint)
