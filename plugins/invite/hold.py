"""Plugin: a batch that looks bought waits until an admin has seen its tree and decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.context import Context
from plugins.invite import book, store
from plugins.invite.model import Hold, Invitation, State
from plugins.invite.settings import Settings
from plugins.invite.suspicion import Newcomer, marks, score

Ctx = Context[Settings]
SHOWN = 15
MOST = 500
_SHOW_AFTER = timedelta(minutes=1)


async def waits(ctx: Ctx, one: Invitation) -> bool:
    """Whether this reward waits for an admin; looks at its batch when nobody has yet."""
    if one.hold is not None:
        found = await book.hold(ctx.db, one.hold)
        return found is not None and found.state == "open"
    return await look(ctx, one)


async def look(ctx: Ctx, one: Invitation) -> bool:
    """Judge the batch somebody came with; whether it is on hold now. What an admin has released stays free."""
    if ctx.settings.burst <= 0:
        return False
    batch = await store.batch(ctx.db, one, ctx.settings.burst_within)
    if len(batch) < ctx.settings.burst:
        return False
    settled = {other.hold for other in batch if other.hold is not None}
    states = [known.state for no in settled if (known := await book.hold(ctx.db, no)) is not None]
    if "released" in states or "voided" in states:
        return False
    found = marks([await _seen(ctx, other) for other in batch], ctx.settings.burst)
    if score(found) < ctx.settings.hold_score and "open" not in states:
        return False
    await _keep(ctx, one, batch, found)
    return True


async def _keep(ctx: Ctx, one: Invitation, batch: list[Invitation], found: list[str]) -> None:
    """Put what waits of a batch on hold, with what was paid already, on the inviter's open one if there is one."""
    concerned = [other for other in batch if other.state in (State.PENDING, State.COUNTED)]
    if all(other.state is State.COUNTED for other in concerned) and all(other.hold is None for other in batch):
        # Nobody waits any more; who has left was deducted, and who stays has been here long enough.
        return
    already = await book.open_holds(ctx.db, ctx.group.id, one.inviter)
    if already:
        no = already[0].no
    else:
        row: dict[str, Any] = {"group": ctx.group.id, "inviter": one.inviter, "inviter_name": one.inviter_name}
        row |= {"score": score(found), "why": found, "opened_at": ctx.now}
        no = await book.open_hold(ctx.db, row)
        await ctx.timers.start(f"hold:{no}", _SHOW_AFTER, payload={"no": str(no)})
    for other in concerned:
        if other.hold is None:
            await store.change(ctx.db, other.id, hold=no)


async def _seen(ctx: Ctx, one: Invitation) -> Newcomer:
    profile = await ctx.members.get(one.invitee)
    last = profile.last_spoke_at if profile else None
    spoke = one.introduced or (last is not None and last >= one.joined_at)
    return Newcomer(one.invitee_name, one.joined_at, spoke, one.left_at)


async def branch(ctx: Ctx, no: int) -> list[tuple[Invitation, int]]:
    """The batch and all whom it brought since, each with its depth in the tree, in the order of the tree."""
    found: list[tuple[Invitation, int]] = []
    seen: set[int] = set()

    async def below(some: list[Invitation], depth: int) -> None:
        for one in some:
            if one.id in seen or len(found) >= MOST:
                continue
            seen.add(one.id)
            found.append((one, depth))
            await below(await store.brought_by(ctx.db, [one.invitee]), depth + 1)

    await below(await store.of_hold(ctx.db, no), 0)
    return found


async def tree(ctx: Ctx, one: Hold) -> str:
    """What an admin sees: who brought whom, when, whether they spoke, whether they are here."""
    found = await branch(ctx, one.no)
    why = ctx.text("comma").join(ctx.text(f"mark_{mark}") for mark in one.why)
    lines = [ctx.text("tree_head", 编号=one.label, 昵称=one.inviter_name, 人数=len(found), 原因=why)]
    for invitation, depth in found[:SHOWN]:
        seen, joined = await _seen(ctx, invitation), invitation.joined_at.astimezone(ctx.group.zone)
        state = "left" if invitation.left_at else "spoke" if seen.spoke else "silent"
        values = {"昵称": invitation.invitee_name, "时间": f"{joined.month}/{joined.day} {joined:%H:%M}"}
        lines.append("　" * depth + ctx.text("tree_line", **values, 情况=ctx.text(f"tree_{state}")))
    if len(found) > SHOWN:
        lines.append(ctx.text("more", 人数=len(found) - SHOWN))
    if one.state == "open":
        lines.append(ctx.text("tree_how", 编号=one.label))
    return "\n".join(lines)
