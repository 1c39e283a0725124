"""Plugin: moderation: what admins order: warn, remove, exempt, confirm a red packet, undo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from bot.actions import Action
from bot.commands import Call
from bot.context import Case
from bot.duration import parse_duration
from bot.errors import CommandError
from bot.model import Capability, Member, Role, Signal
from bot.number import case_digits
from bot.text import clip
from plugins.moderation.court import pay, remove, thanks, waiting_for_packet
from plugins.moderation.ladder import earlier_warnings
from plugins.moderation.outcome import bring_back
from plugins.moderation.plugin import NOT_MINE, plugin
from plugins.moderation.say import Ctx, case_named, clock, punishable, tell_member, verdict_name

_LIFT = {"取消", "解除", "off"}
_LIST = {"列表", "名单", "list"}
_MOST_LISTED = 30


@plugin.command(
    "红包确认",
    "paid",
    usage="@名",
    example="/红包确认 @小王",
    help="确认他补了红包，案件了结",
    role=Role.MODERATOR,
)
async def confirm(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Close a case as paid where the bot cannot see red packets itself."""
    member = ctx.one_named(call, "usage_paid")
    waiting = await waiting_for_packet(member.id, ctx)
    if not waiting:
        raise CommandError(ctx.text("nothing_waits", 昵称=member.name))
    for case in waiting:
        await pay(case, ctx, by=call.asker.id, note="confirmed")
    yield thanks(waiting[0], ctx)
    if not call.event.group:
        yield ctx.reply(call.event, ctx.text("confirmed", 昵称=member.name, 编号=waiting[0].no))


async def _open(call: Call, ctx: Ctx, member: Member, verdict: str, reason: str) -> Case:
    """A case by an admin's word."""
    detail = ctx.text("ordered_by", 管理员=call.asker.name, 理由=reason or ctx.text("no_reason"))
    return await ctx.cases.open(member, verdict, (Signal("admin_word", detail, 1.0),), text=reason)


@plugin.command(
    "警告",
    "warn",
    usage="@名 [理由]",
    example="/警告 @小王 请不要刷屏",
    help="提醒一位群友，会记录次数",
    role=Role.MODERATOR,
)
async def warn(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """A warning that counts on the ladder."""
    member = await punishable(ctx.one_named(call, "usage_warn"), ctx)
    reason = clip(call.text, 100)
    case = await _open(call, ctx, member, "warn", reason)
    settings = ctx.settings
    before = await ctx.cases.of(member.id, since=ctx.now - settings.decay)
    count = earlier_warnings(before, ctx.now, settings.decay, except_no=case.no) + 1
    if count > settings.warnings_before_removal and "warn" in settings.remove_for:
        async for action in remove(case, ctx, ctx.text("reason_repeated", 什么=ctx.text("verdict_warn"), 次=count)):
            yield action
        return
    await ctx.cases.settle(case.no, "closed", by=call.asker.id)
    said = ctx.text("warned" if reason else "warned_plain", 理由=reason, 编号=case.no, 次=count)
    yield tell_member(ctx, member, said, case.no)
    if not call.event.group:
        yield ctx.reply(call.event, ctx.text("warned_reply", 昵称=member.name, 编号=case.no, 次=count))


@plugin.command(
    "踢",
    "kick",
    usage="@名 [理由] | W编号",
    example="/踢 @小王 多次发广告",
    help="请一位群友离开",
    role=Role.ADMIN,
)
async def kick(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Remove one member by an admin's word, named or by what they did; never an admin."""
    member, reason = await _to_remove(call, ctx)
    open_cases = await ctx.cases.open_of(member.id)
    if going := next((case for case in open_cases if case.state == "removing"), None):
        raise CommandError(ctx.text("already_going", 昵称=member.name, 编号=going.no))
    for case in open_cases:
        await ctx.timers.cancel(f"case:{case.no}")
        await ctx.cases.settle(case.no, "closed", by=call.asker.id)
    case = await _open(call, ctx, member, "kick", reason)
    why = ctx.text("reason_ordered", 理由=reason) if reason else ctx.text("reason_ordered_plain")
    async for action in remove(case, ctx, why, by=call.asker.id):
        yield action
    key = "kicked" if Capability.REMOVE in ctx.capabilities else "cannot_remove"
    yield ctx.reply(call.event, ctx.text(key, 昵称=member.name, 编号=case.no))


async def _to_remove(call: Call, ctx: Ctx) -> tuple[Member, str]:
    """Who shall go and why; of a case whose member is gone already there is nobody to remove."""
    number, _, words = call.text.partition(" ")
    if call.members or call.unknown or not case_digits(number):
        return await punishable(ctx.one_named(call, "usage_kick"), ctx), clip(call.text, 100)
    case = await case_named(replace(call, text=number), ctx, "usage_kick")
    profile = await ctx.members.get(case.member.id)
    if profile is None or not profile.present:
        raise CommandError(ctx.text("gone", 昵称=case.member.name))
    why = words or ctx.text("removal_reason", 编号=case.no, 什么=verdict_name(ctx, case.verdict))
    return await punishable(profile.member, ctx), clip(why, 100)


@plugin.command(
    "豁免",
    "exempt",
    usage="@名 [时长|取消] | 列表",
    example="/豁免 @小王 7天",
    help="让一位群友不受广告、刷屏等规则管",
    role=Role.ADMIN,
)
async def exempt(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Rules do not apply to a member, for a time or until taken back; or who is exempt now."""
    if call.text.strip().lower() in _LIST and not call.members and not call.unknown:
        yield ctx.reply(call.event, await _exempted(ctx), mention=False)
        return
    member = ctx.one_named(call, "usage_exempt")
    word = call.text.strip()
    if word in _LIFT:
        await ctx.members.exempt(member.id, until=ctx.now, by=call.asker.id)
        yield ctx.reply(call.event, ctx.text("exempt_lifted", 昵称=member.name))
        return
    try:
        lasts = parse_duration(word) if word else None
    except ValueError:
        raise CommandError(ctx.text("usage_exempt")) from None
    if lasts is not None and not lasts:
        raise CommandError(ctx.text("usage_exempt"))
    await ctx.members.exempt(member.id, until=None if lasts is None else ctx.now + lasts, by=call.asker.id)
    for case in await ctx.cases.open_of(member.id):
        if case.state != "removing":
            await ctx.timers.cancel(f"case:{case.no}")
            await ctx.cases.settle(case.no, "dropped", by=call.asker.id, note="exempt")
    key = "exempted" if lasts is None else "exempted_for"
    yield ctx.reply(call.event, ctx.text(key, 昵称=member.name, 时长=ctx.say_duration(lasts) if lasts else ""))


async def _exempted(ctx: Ctx) -> str:
    """Who is exempt, and until when; a line each."""
    found = await ctx.members.exempted()
    if not found:
        return ctx.text("nobody_exempt")
    lines = [ctx.text("exempt_head", 人数=len(found))]
    for person, until in found[:_MOST_LISTED]:
        key = "exempt_always" if until is None else "exempt_until"
        lines.append(ctx.text(key, 昵称=clip(person.name, 20), 时间=clock(ctx, until) if until else ""))
    if len(found) > _MOST_LISTED:
        lines.append(ctx.text("exempt_more", 人数=len(found) - _MOST_LISTED))
    return "\n".join(lines)


@plugin.command(
    "撤销",
    "undo",
    usage="W编号",
    example="/撤销 W3",
    help="撤销一个案件：不再移出，已移出的请回来",
    role=Role.MODERATOR,
)
async def undo(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Take a case back, whatever became of it."""
    case = await case_named(call, ctx, "usage_undo")
    if case.state == "undone":
        raise CommandError(ctx.text("undone_before", 编号=case.no))
    await ctx.timers.cancel(f"case:{case.no}")
    await ctx.timers.cancel(f"close:{case.no}")
    await ctx.cases.settle(case.no, "undone", by=call.asker.id)
    key = "undone"
    if case.state == "removed":
        invitations = bring_back(case, ctx)
        key = "undone_invited" if invitations else "undone_by_hand"
        for action in invitations:
            yield action
    elif case.state == "removing":
        key = "undone_late"
    elif case.state in ("warned", "open") and case.verdict not in NOT_MINE and not call.event.group:
        yield tell_member(ctx, case.member, ctx.text("sorry", 编号=case.no), case.no)
    yield ctx.reply(call.event, ctx.text(key, 编号=case.no, 昵称=case.member.name))
    yield ctx.overturned(case, call.asker, mistaken=False)
