"""Plugin: schedule: the console's table of what is said by the calendar, with the next time."""

from __future__ import annotations

from bot.plugin import Deed, Panel, PanelRow
from bot.text import clip
from plugins.schedule import store
from plugins.schedule.plugin import Ctx, plugin
from plugins.schedule.say import rule_text
from plugins.schedule.store import Entry


@plugin.panel("activity")
async def entries(ctx: Ctx, member_id: str) -> Panel:
    columns = tuple(ctx.text(f"panel_{column}") for column in ("no", "rule", "text", "next", "sent"))
    rows = tuple(_row(ctx, one) for one in await store.of_group(ctx.db, ctx.group.id))
    return Panel(ctx.text("panel_title"), columns, rows)


def _row(ctx: Ctx, one: Entry) -> PanelRow:
    paused = one.next_at is None
    when = (
        ctx.text("panel_paused") if one.next_at is None else f"{one.next_at.astimezone(ctx.group.zone):%Y-%m-%d %H:%M}"
    )
    turn = Deed(ctx.text("panel_resume" if paused else "panel_pause"), f"/定时 {'恢复' if paused else '暂停'} {one.no}")
    delete = Deed(ctx.text("panel_delete"), f"/定时 删 {one.no}", ctx.text("panel_sure_delete", 编号=one.no))
    cells = (str(one.no), rule_text(ctx, one.rule), clip(one.text, 40), when, str(one.sent_count))
    return PanelRow(cells, (turn, delete))
