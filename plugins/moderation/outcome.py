"""Plugin: moderation: what becomes of a removal."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action, InviteMember
from bot.context import Case
from bot.events import RemovalSettled
from bot.model import Capability
from bot.text import clip
from plugins.moderation.plugin import plugin
from plugins.moderation.say import Ctx, evidence, tell_admins

ORDERED = frozenset({"kick", "ban"})
_HELD = frozenset({"dry", "shadow", "exempt"})
_TOLD = frozenset({"capability", "brake"})
"""Refusals of which policy itself tells the admins, with who and why."""


@plugin.on(RemovalSettled)
async def conclude(event: RemovalSettled, ctx: Ctx) -> AsyncIterator[Action]:
    """Write down how a removal ended; tell the admins what they can do about it."""
    case = await ctx.cases.get(event.case) if event.case is not None else None
    if case is None or case.state not in ("removing", "undone"):
        return
    if not event.done:
        await ctx.cases.settle(case.no, "dropped" if event.error in _HELD else "failed", note=event.error)
        if event.error not in _HELD | _TOLD:
            yield tell_admins(ctx, case.no, _about("admins_failed", case, ctx, 原因=clip(event.error, 80)))
    elif case.state == "undone":
        for action in bring_back(case, ctx):
            yield action
    else:
        await ctx.cases.settle(case.no, "removed")
        if ctx.settings.tell_admins and case.verdict not in ORDERED:
            yield tell_admins(ctx, case.no, _about("admins_removed", case, ctx))


def _about(key: str, case: Case, ctx: Ctx, **values: object) -> str:
    return ctx.text(key, 昵称=case.member.name, 编号=case.no, 经过=evidence(case, ctx), **values)


def bring_back(case: Case, ctx: Ctx) -> list[Action]:
    """An invitation, where the transport can give one."""
    if Capability.INVITE not in ctx.capabilities:
        return []
    return [InviteMember(group=ctx.group.id, case=case.no, member=case.member)]
