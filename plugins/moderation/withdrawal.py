"""Plugin: moderation: an ad that is taken back within its grace is forgiven, a limited number of times."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action
from bot.context import Case
from bot.events import MessageRecalled
from bot.fold import fingerprint
from plugins.moderation.court import close, waiting_for_packet
from plugins.moderation.plugin import plugin
from plugins.moderation.say import Ctx, tell_member

MOST_FORGIVEN = 2
"""So many ads taken back within `decay` are forgiven, the next one is not."""


@plugin.on(MessageRecalled)
async def forgive(event: MessageRecalled, ctx: Ctx) -> AsyncIterator[Action]:
    """An ad taken back within its grace is forgiven, unless another copy of it stays."""
    if not ctx.settings.withdraw:
        return
    sender = event.sender.id if event.sender is not None else ""
    if not sender:
        said = await ctx.archive.get(event.message_id)
        sender = said.sender_id if said is not None else ""
    if not sender or await _is_forgiven_out(sender, ctx):
        return
    for case in await waiting_for_packet(sender, ctx):
        if case.message_id == event.message_id and not await _stays(case, ctx):
            await close(case, ctx, "withdrawn")
            yield tell_member(ctx, case.member, ctx.text("withdrawn", 编号=case.no), case.no)


async def _is_forgiven_out(member_id: str, ctx: Ctx) -> bool:
    """Whether they have posted and taken back so often that it is a way to advertise for nothing."""
    lately = await ctx.cases.of(member_id, since=ctx.now - ctx.settings.decay)
    return sum(case.state == "withdrawn" for case in lately) >= MOST_FORGIVEN


async def _stays(case: Case, ctx: Ctx) -> bool:
    """Whether the same member's same words still stand in the group."""
    meant = fingerprint(case.text)
    return any(
        said.id != case.message_id and said.at >= case.opened_at and fingerprint(said.text) == meant
        for said in await ctx.archive.last_of(case.member.id, 20, since=case.opened_at)
    )
