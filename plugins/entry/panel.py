"""Plugin: entry: the console's table of who asks to come in; deciding is done in the chat (`通过 E3`)."""

from __future__ import annotations

from bot.plugin import Panel, PanelRow
from bot.text import clean_name, clip
from plugins.entry import store
from plugins.entry.plugin import Ctx, plugin

LISTED = 50


@plugin.panel("activity")
async def applications(ctx: Ctx, member_id: str) -> Panel:
    rows = []
    for one in await store.waiting(ctx.db, ctx.group.id, LISTED):
        at = f"{one.created_at.astimezone(ctx.group.zone):%Y-%m-%d %H:%M}"
        name = clip(clean_name(one.member.name), 20)
        rows.append(PanelRow((f"E{one.no}", name, ctx.text(f"gate_{one.gate}"), at)))
    columns = tuple(ctx.text(f"panel_{column}") for column in ("no", "who", "gate", "at"))
    return Panel(ctx.text("panel_title"), columns, tuple(rows), ctx.text("panel_how") if rows else "")
