"""Plugin: ban_guard: the blacklist: who is on it is removed, and removed again when they come back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action, NotifyAdmins, RemoveMember
from bot.commands import Call
from bot.context import Case
from bot.duration import Duration
from bot.errors import CommandError
from bot.events import CaseOverturned, MemberJoined, RemovalSettled
from bot.model import Member, Role, Signal
from bot.number import case_digits
from bot.plugin import Context, Field, Plugin, PluginSettings
from bot.text import clip

_LIFT = {"取消", "解除", "off"}


class Settings(PluginSettings):
    """Whether the list is kept up."""

    enabled: bool = Field(True, description="黑名单里的人再进群，要不要马上移出")
    after: int = Field(3, ge=0, le=20, description="within 里被移出几次就自动拉黑（撤销的不算）；0 从不")
    within: Duration = Field(timedelta(days=90), description="自动拉黑数多久以内的移出")


plugin = Plugin("ban_guard", Settings, help="拉黑过的人再进群，马上请走")


@plugin.guard(MemberJoined)
async def refuse(event: MemberJoined, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """Somebody on the blacklist, of whichever group, came (back): nobody greets them, they go again."""
    banned = await ctx.members.banned(event.member.id)
    if banned is None or not ctx.settings.enabled:
        return
    if await _is_lifted(event.member.id, banned, ctx):
        await ctx.members.ban(event.member.id, None)
        return
    ctx.stop()
    reason = ctx.text("came_back", 编号=banned)
    case = await ctx.cases.open(event.member, "ban", (Signal("blacklist", reason, 1.0),))
    yield await _remove(case, ctx, reason, by="")
    text = ctx.text("admins_banned", 昵称=event.member.name, 编号=case.no)
    yield NotifyAdmins(group=ctx.group.id, case=case.no, text=text)


async def _is_lifted(member_id: str, banned: int, ctx: Context[Settings]) -> bool:
    """Whether an admin took back the case of the ban, or one that followed from it."""
    return any(
        case.state == "undone" and case.no >= banned and case.verdict == "ban" for case in await ctx.cases.of(member_id)
    )


async def _remove(case: Case, ctx: Context[Settings], reason: str, by: str) -> RemoveMember:
    await ctx.cases.settle(case.no, "removing", by=by)
    return RemoveMember(group=ctx.group.id, case=case.no, member=case.member, reason=f"W{case.no} {reason}", by=by)


@plugin.on(RemovalSettled)
async def climb(event: RemovalSettled, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """The last step of the ladder: who was removed so often comes onto the blacklist."""
    settings = ctx.settings
    if not event.done or not settings.after or event.case is None:
        return
    gone = [
        case
        for case in await ctx.cases.of(event.member.id, since=ctx.now - settings.within)
        if case.state == "removed" or case.no == event.case
    ]
    if len(gone) >= settings.after and await ctx.members.banned(event.member.id) is None:
        await ctx.members.ban(event.member.id, event.case)
        text = ctx.text("climbed", 昵称=event.member.name, 次=len(gone), 编号=event.case)
        yield NotifyAdmins(group=ctx.group.id, case=event.case, text=text)


@plugin.on(CaseOverturned)
async def lift(event: CaseOverturned, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """What somebody is on the list for was a mistake: they may come back."""
    if event.mistaken and await ctx.members.banned(event.member.id) is not None:
        await ctx.members.ban(event.member.id, None)
    return
    yield


@plugin.command(
    "拉黑",
    "ban",
    usage="@名 [理由] | W编号 | W编号 取消",
    example="/拉黑 @小王",
    help="移出并记住，再进群就再移出",
    role=Role.ADMIN,
)
async def ban(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """Remove and remember; by case number also somebody who is gone already."""
    if call.members or call.unknown or not call.text:
        member, word = _one_member(call, ctx), ""
    else:
        number, _, word = call.text.partition(" ")
        member = (await _case_named(number, ctx)).member
    if await ctx.members.role_of(member.id) >= Role.HELPER:
        raise CommandError(ctx.text("is_admin", 昵称=member.name))
    if word.strip() in _LIFT:
        lifted = await ctx.members.banned(member.id) is not None
        await ctx.members.ban(member.id, None)
        yield ctx.reply(call.event, ctx.text("lifted" if lifted else "not_banned", 昵称=member.name))
        return
    profile = await ctx.members.get(member.id)
    present = profile is not None and profile.present
    reason = clip(call.text, 100) if call.members else ""
    case = await _open(call, ctx, member, reason)
    await ctx.members.ban(member.id, case.no)
    if present:
        yield await _remove(case, ctx, ctx.text("ordered", 理由=reason or ctx.text("no_reason")), by=call.asker.id)
    else:
        await ctx.cases.settle(case.no, "closed", by=call.asker.id)
    said = ctx.text("banned" if present else "banned_absent", 昵称=member.name, 编号=case.no)
    yield ctx.reply(call.event, said)


async def _open(call: Call, ctx: Context[Settings], member: Member, reason: str) -> Case:
    """A case by an admin's word; what else was open against them is over."""
    for case in await ctx.cases.open_of(member.id):
        if case.state != "removing":
            await ctx.cases.settle(case.no, "closed", by=call.asker.id)
    detail = ctx.text("ordered_by", 管理员=call.asker.name, 理由=reason or ctx.text("no_reason"))
    return await ctx.cases.open(member, "ban", (Signal("admin_word", detail, 1.0),), text=reason)


def _one_member(call: Call, ctx: Context[Settings]) -> Member:
    if call.unknown:
        raise CommandError(ctx.text("nobody", 名=clip(call.unknown[0], 20)))
    if len(call.members) > 1:
        raise CommandError(ctx.text("one_only"))
    if not call.members:
        raise CommandError(ctx.text("usage"))
    return call.members[0]


async def _case_named(text: str, ctx: Context[Settings]) -> Case:
    number = case_digits(text)
    if not number:
        raise CommandError(ctx.text("usage"))
    case = await ctx.cases.get(int(number))
    if case is None or case.group != ctx.group.id:
        raise CommandError(ctx.text("no_case", 编号=number))
    return case
