"""Plugin: ad_guard: what admins teach it: `/广告` what it missed, `/误判` what it saw wrongly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action, InviteMember, OpenCase
from bot.commands import Call
from bot.context import ArchivedMessage
from bot.errors import CommandError
from bot.model import Capability, Member, Role, Signal
from bot.number import case_digits
from bot.plugin import Context
from plugins.ad_guard.plugin import Settings, plugin
from plugins.ad_guard.watch import EVIDENCE, cleared_key

_MINE = frozenset({"ad", "suspect"})


LATELY = timedelta(days=2)
"""How far back a quoted or blamed message is looked for."""


@plugin.command(
    "广告",
    "spam",
    usage="（引用一条消息）| @名",
    example="/广告 @小王",
    help="指出一条漏掉的广告，按群规处理",
    role=Role.MODERATOR,
)
async def point_out(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """Open a case by an admin's word."""
    said = await _meant(call, ctx)
    profile = await ctx.members.get(said.sender_id)
    if profile is None or not profile.present:
        raise CommandError(ctx.text("sender_gone"))
    if await ctx.members.is_exempt(profile.id):
        raise CommandError(ctx.text("is_exempt", 昵称=profile.name))
    if any(case.plugin == ctx.plugin for case in await ctx.cases.open_of(profile.id)):
        raise CommandError(ctx.text("already_open", 昵称=profile.name))
    await ctx.notes.delete(cleared_key(said.text))
    detail = ctx.text("admin_word", 管理员=call.asker.name)
    yield OpenCase(
        group=ctx.group.id,
        member=profile.member,
        verdict="ad",
        signals=(Signal("admin_word", detail, 1.0),),
        message_id=said.id,
        text=said.text[:EVIDENCE],
    )
    if not call.event.group:
        yield ctx.reply(call.event, ctx.text("pointed_out", 昵称=profile.name))


async def _meant(call: Call, ctx: Context[Settings]) -> ArchivedMessage:
    """The message an admin means: the quoted one, or the last of the member named."""
    quote = call.event.quote
    if quote is not None:
        found = await ctx.archive.get(quote.id) if quote.id else None
        if found is None and quote.text.strip():
            found = next(
                iter(await ctx.archive.search(quote.text.strip()[:200], limit=1, since=ctx.now - LATELY)), None
            )
        if found is None or not found.sender_id:
            raise CommandError(ctx.text("quote_unknown"))
        return found
    if call.unknown:
        raise CommandError(ctx.text("nobody", 名=call.unknown[0]))
    if len(call.members) != 1:
        raise CommandError(ctx.text("spam_usage"))
    prefixes = tuple(ctx.commands.prefixes)
    said = [
        message
        for message in await ctx.archive.last_of(call.members[0].id, since=ctx.now - LATELY)
        if message.kind != "red_packet" and not message.text.startswith(prefixes)
    ]
    if not said:
        raise CommandError(ctx.text("said_nothing", 昵称=call.members[0].name))
    return said[0]


@plugin.command(
    "误判",
    "ham",
    usage="W编号",
    example="/误判 W3",
    help="撤销一个误判，以后同样的话放行",
    role=Role.MODERATOR,
)
async def clear(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """Undo a case and let the same text pass from now on."""
    number = case_digits(call.text)
    if not number:
        raise CommandError(ctx.text("ham_usage"))
    case = await ctx.cases.get(int(number))
    if case is None or case.group != ctx.group.id:
        raise CommandError(ctx.text("no_case", 编号=number))
    await ctx.cases.settle(case.no, "undone", by=call.asker.id, note="ham")
    learned = case.verdict in _MINE and bool(case.text)
    if learned:
        await ctx.notes.set(cleared_key(case.text), f"W{case.no}")
    text = ctx.text("cleared_text" if learned else "cleared", 编号=case.no, 昵称=case.member.name)
    if case.state == "removed":
        for action in _bring_back(case.member, ctx):
            yield action
        text += ctx.text("invited" if Capability.INVITE in ctx.capabilities else "invite_by_hand")
    yield ctx.reply(call.event, text)


def _bring_back(member: Member, ctx: Context[Settings]) -> list[Action]:
    if Capability.INVITE not in ctx.capabilities:
        return []
    return [InviteMember(group=ctx.group.id, member=member)]
