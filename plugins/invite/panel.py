"""Plugin: invite: the console's tables: batches on hold, and whom one member brought."""

from __future__ import annotations

from datetime import datetime

from bot.plugin import Context, Deed, Panel, PanelRow
from bot.text import clean_name
from plugins.invite import book, store
from plugins.invite.model import State
from plugins.invite.settings import Settings, plugin

Ctx = Context[Settings]
LISTED = 20


@plugin.panel("activity")
async def holds(ctx: Ctx, member_id: str) -> Panel:
    rows = []
    for one in await book.open_holds(ctx.db, ctx.group.id):
        batch = await store.of_hold(ctx.db, one.no)
        release = Deed(ctx.text("panel_release"), f"/邀请 放行 {one.label}")
        void = Deed(ctx.text("panel_void"), f"/邀请 作废 {one.label}", ctx.text("panel_sure_void", 编号=one.label))
        rows.append(PanelRow((one.label, clean_name(one.inviter_name), str(len(batch))), (release, void)))
    columns = tuple(ctx.text(f"panel_{column}") for column in ("no", "inviter", "people"))
    return Panel(ctx.text("panel_holds"), columns, tuple(rows))


@plugin.panel("member")
async def brought(ctx: Ctx, member_id: str) -> Panel:
    rows = []
    if (own := await store.here(ctx.db, ctx.group.id, member_id)) is not None and own.inviter_name:
        rows.append(PanelRow((ctx.text("panel_came_by"), clean_name(own.inviter_name), _day(ctx, own.joined_at), "")))
    for one in await store.of_inviter(ctx.db, member_id, LISTED):
        state = ctx.text("panel_void_state" if one.state is State.VOID else f"panel_{one.state}")
        name = clean_name(one.invitee_name)
        rows.append(PanelRow((ctx.text("panel_brought"), name, _day(ctx, one.joined_at), state)))
    columns = tuple(ctx.text(f"panel_{column}") for column in ("how", "who", "day", "state"))
    return Panel(ctx.text("panel_invites"), columns, tuple(rows))


def _day(ctx: Ctx, at: datetime) -> str:
    return f"{at.astimezone(ctx.group.zone):%Y-%m-%d}"
