"""Plugin: points: the console's table of a member's account: balance and last lines."""

from __future__ import annotations

from bot.plugin import Context, Panel, PanelRow
from plugins.points.settings import Settings, plugin

LINES = 10


@plugin.panel("member")
async def account(ctx: Context[Settings], member_id: str) -> Panel:
    rows = []
    for entry in await ctx.ledger.lines(member_id, LINES):
        at = f"{entry.at.astimezone(ctx.group.zone):%Y-%m-%d %H:%M}"
        rows.append(PanelRow((str(entry.no), at, f"{entry.points:+d}", entry.reason)))
    columns = tuple(ctx.text(f"panel_{column}") for column in ("no", "at", "points", "reason"))
    balance = ctx.text("panel_balance", 积分=await ctx.ledger.balance(member_id))
    return Panel(ctx.text("panel_title"), columns, tuple(rows), hint=balance)
