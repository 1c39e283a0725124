"""Plugin: checkin: the console's table of the challenge that runs, or else of the last week: who, and how often."""

from __future__ import annotations

from datetime import timedelta

from bot.plugin import Panel, PanelRow
from bot.text import clean_name
from plugins.checkin import store
from plugins.checkin.plugin import Ctx, name_of, plugin, running, streak_of

LISTED = 20


@plugin.panel("activity")
async def checkins(ctx: Ctx, member_id: str) -> Panel:
    challenge = await running(ctx, ctx.today)
    first = challenge.first_on if challenge is not None else ctx.today - timedelta(days=6)
    rows = []
    for member, days in (await store.counts(ctx.db, ctx.group.id, first, ctx.today))[:LISTED]:
        name = clean_name(await name_of(ctx, member))
        rows.append(PanelRow((name, str(days), str(await streak_of(ctx, member)))))
    columns = tuple(ctx.text(f"panel_{column}") for column in ("who", "days", "streak"))
    hint = (
        ctx.text("panel_challenge", 挑战=challenge.text, 起=challenge.first_on, 止=challenge.last_on)
        if challenge
        else ""
    )
    return Panel(ctx.text("panel_title"), columns, tuple(rows), hint)
