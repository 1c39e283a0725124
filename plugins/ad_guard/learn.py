"""Plugin: ad_guard: what admins teach it: `/广告` what it missed, `/误判` what it saw wrongly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action, InviteMember, NotifyAdmins, OpenCase
from bot.commands import Call
from bot.context import ArchivedMessage, Case
from bot.errors import CommandError
from bot.model import Capability, Member, Mode, Role, Signal
from bot.number import case_digits
from bot.text import clip
from plugins.ad_guard.guard import plugin
from plugins.ad_guard.memory import Ctx
from plugins.ad_guard.register import (
    check_everywhere,
    is_number,
    list_lessons,
    sketch_for,
    teach,
    undo_lesson,
    why_no_lesson,
)
from plugins.ad_guard.tally import count_mistake, say_record
from plugins.ad_guard.watch import EVIDENCE, make_room

LATELY = timedelta(days=2)
"""How far back a quoted or blamed message is looked for."""
MINE = frozenset({"ad", "suspect"})
_ALL = frozenset({"全部", "所有群", "all"})
_LIST = frozenset({"列表", "看", "list"})
_DELETE = frozenset({"删", "删除", "del", "remove"})
_RECORD = frozenset({"统计", "stats"})


@plugin.command(
    "广告",
    "spam",
    usage="（引用一条消息）| @名 | 列表 | 删 N | 统计；加“全部”所有群都算",
    example="/广告 @小王",
    help="指出一条漏掉的广告，以后几乎一样的也认得",
    role=Role.MODERATOR,
)
async def point_out(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Open a case by an admin's word, and learn from it; or look after what was learnt."""
    verb, _, rest = call.text.lower().partition(" ")
    if verb in _LIST:
        yield ctx.reply(call.event, await list_lessons(ctx), mention=False)
    elif verb in _RECORD:
        yield ctx.reply(call.event, await say_record(ctx), mention=False)
    elif verb in _DELETE:
        yield ctx.reply(call.event, await undo_lesson(rest, call, ctx))
    elif is_number(verb) or (verb and verb not in _ALL):
        raise CommandError(ctx.text("spam_usage"))
    else:
        async for action in _point_out(call, verb in _ALL, ctx):
            yield action


async def _point_out(call: Call, everywhere: bool, ctx: Ctx) -> AsyncIterator[Action]:
    if everywhere:
        await check_everywhere(call, ctx)
    said = await _meant(call, ctx)
    if await ctx.members.is_exempt(said.sender_id):
        profile = await ctx.members.get(said.sender_id)
        raise CommandError(ctx.text("is_exempt", 昵称=profile.name if profile else said.sender_id))
    case = await _finding(said, call, ctx)
    sketch = await sketch_for(said.id, said.text, ctx)
    if sketch is not None and (problem := await why_no_lesson(sketch, said, everywhere, ctx)):
        learnt = ctx.text("not_learnt", 为什么=problem)
    elif sketch is None:
        learnt = ctx.text("not_learnt", 为什么=ctx.text("too_short"))
    else:
        learnt = await teach(sketch, is_ad=True, sample=said.text, everywhere=everywhere, by=call.asker, ctx=ctx)
    if case is not None:
        await make_room(case.member.id, True, Mode.ENFORCE, ctx)
        yield case
    if not call.event.group or case is None:
        key = "pointed_out" if case is not None else "sender_gone"
        profile = await ctx.members.get(said.sender_id)
        done = ctx.text(key, 昵称=profile.name if profile is not None else "")
        yield ctx.reply(call.event, f"{done}{ctx.text('stop')}{learnt}")
    else:
        yield NotifyAdmins(group=ctx.group.id, text=learnt)


async def _finding(said: ArchivedMessage, call: Call, ctx: Ctx) -> OpenCase | None:
    """The case an admin's word opens; None when its sender has left."""
    profile = await ctx.members.get(said.sender_id)
    if profile is None or not profile.present:
        return None
    open_cases = [case for case in await ctx.cases.open_of(profile.id) if case.plugin == ctx.plugin]
    if any(case.verdict == "ad" for case in open_cases):
        raise CommandError(ctx.text("already_open", 昵称=profile.name))
    return OpenCase(
        group=ctx.group.id,
        member=profile.member,
        verdict="ad",
        signals=(Signal("admin_word", ctx.text("admin_word", 管理员=call.asker.name), 1.0),),
        message_id=said.id,
        text=said.text[:EVIDENCE],
    )


async def _meant(call: Call, ctx: Ctx) -> ArchivedMessage:
    """The message an admin means: the quoted one, or the last of the member named."""
    quote = call.event.quote
    if quote is not None:
        found = await ctx.archive.quoted(quote, since=ctx.now - LATELY)
        if found is None or not found.sender_id:
            raise CommandError(ctx.text("quote_unknown"))
        return found
    if call.unknown:
        raise CommandError(ctx.text("nobody", 名=clip(call.unknown[0], 20)))
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
    usage="W编号 [全部]",
    example="/误判 W3",
    help="撤销一个误判，以后几乎一样的话放行",
    role=Role.MODERATOR,
)
async def clear(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Undo a case and let near-copies of its text pass from now on."""
    number, _, rest = call.text.partition(" ")
    everywhere = rest.strip().lower() in _ALL
    if not case_digits(number) or (rest.strip() and not everywhere):
        raise CommandError(ctx.text("ham_usage"))
    if everywhere:
        await check_everywhere(call, ctx)
    case = await ctx.cases.get(int(case_digits(number) or 0))
    if case is None or case.group != ctx.group.id:
        raise CommandError(ctx.text("no_case", 编号=case_digits(number)))
    if case.state == "undone" and case.note == "ham" and not everywhere:
        raise CommandError(ctx.text("cleared_before", 编号=case.no))
    undone_before = case.state == "undone"
    await ctx.cases.settle(case.no, "undone", by=call.asker.id, note="ham")
    text = ctx.text("cleared_again" if undone_before else "cleared", 编号=case.no, 昵称=case.member.name)
    if case.verdict in MINE:
        text += await learn_harmless(case, everywhere, call.asker, ctx)
    if case.state == "removed":
        can_invite = Capability.INVITE in ctx.capabilities
        if can_invite:
            yield InviteMember(group=ctx.group.id, case=case.no, member=case.member)
        text += ctx.text("invited" if can_invite else "invite_by_hand")
    yield ctx.reply(call.event, text)
    for notice in await count_mistake(case, ctx):
        yield notice
    yield ctx.overturned(case, call.asker)


async def learn_harmless(case: Case, everywhere: bool, by: Member, ctx: Ctx) -> str:
    """Near-copies of what the case was about pass from now on; says so, or why not."""
    said = await ctx.archive.get(case.message_id) if case.message_id else None
    whole = said.text if said is not None and said.text.startswith(case.text) else case.text
    sketch = await sketch_for(case.message_id, whole, ctx)
    if sketch is None:
        return ""
    await teach(sketch, is_ad=False, sample=whole, everywhere=everywhere, by=by, ctx=ctx)
    return ctx.text("will_pass_everywhere" if everywhere else "will_pass")
