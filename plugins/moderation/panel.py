"""Plugin: moderation: the console's table of a member's cases, the newest first."""

from __future__ import annotations

from bot.plugin import Deed, Panel, PanelRow
from plugins.moderation.plugin import plugin
from plugins.moderation.say import Ctx, reasons, state_name, verdict_name

LISTED = 20
_CAN_UNDO = frozenset(("warned", "removed"))


@plugin.panel("member")
async def cases(ctx: Ctx, member_id: str) -> Panel:
    rows = []
    found = sorted(await ctx.cases.of(member_id), key=lambda case: -case.no)
    for case in found[:LISTED]:
        at = f"{case.opened_at.astimezone(ctx.group.zone):%Y-%m-%d %H:%M}"
        cells = (f"W{case.no}", at, verdict_name(ctx, case.verdict), state_name(ctx, case.state), reasons(case.signals))
        undo = Deed(ctx.text("panel_undo"), f"/撤销 W{case.no}", ctx.text("panel_sure_undo", 编号=case.no))
        rows.append(PanelRow(cells, (undo,) if case.state in _CAN_UNDO else ()))
    columns = tuple(ctx.text(f"panel_{column}") for column in ("no", "at", "what", "state", "why"))
    return Panel(ctx.text("panel_title"), columns, tuple(rows))
