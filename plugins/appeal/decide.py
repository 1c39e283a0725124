"""Plugin: appeal: an admin's one word: `通过 W3` or `拒绝 W3`, with or without a slash."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from bot.actions import Action, InviteMember, Purpose, SendText
from bot.commands import Call
from bot.context import Case
from bot.errors import CommandError
from bot.events import MessageReceived
from bot.model import Capability, Member, Role
from bot.number import case_digits
from plugins.appeal import store
from plugins.appeal.plugin import Ctx, plugin

_WORD = re.compile(r"\s{0,5}(通过|拒绝|accept|refuse)\s{0,5}([Ww]\s?\d{1,9})[\s。.!！~～]{0,5}", re.IGNORECASE)
_YES = frozenset({"通过", "accept"})
_LONGEST = 40


def _is_word(event: MessageReceived) -> bool:
    return len(event.text) <= _LONGEST and _WORD.fullmatch(event.text) is not None


@plugin.on(MessageReceived, when=_is_word)
async def hear(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    """The word alone; of somebody who may not decide it is ordinary talk."""
    found = _WORD.fullmatch(event.text)
    there = await _there(int(case_digits(found[2])), event.sender, ctx) if found is not None else None
    if found is None or there is None:
        return
    async for action in _decide(int(case_digits(found[2])), found[1].lower() in _YES, event, event.sender, there):
        yield action


async def _there(number: int, by: Member, ctx: Ctx) -> Ctx | None:
    """The group of an appeal, where somebody may decide it; None when there is none or they may not."""
    kept = await store.get(ctx.db, number)
    there = next((ctx.inside(group) for group in await ctx.groups() if kept and group.id == kept.group), None)
    if there is None:
        return None
    role = await there.members.role_of(by.id)
    if there.group.id == ctx.group.id:
        role = max(role, by.role)
    return there if role >= Role.MODERATOR else None


@plugin.command(
    "通过",
    "accept",
    usage="W编号",
    example="/通过 W3",
    help="申诉有理：撤销案件，请人回来，以后不再这样判",
    role=Role.MODERATOR,
    wide=True,
    bare=False,
)
async def accept(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Take the case back: blacklist, invitation, lesson."""
    number, there = await _meant(call, ctx)
    async for action in _decide(number, True, call.event, call.asker, there):
        yield action


@plugin.command(
    "拒绝",
    "refuse",
    usage="W编号",
    example="/拒绝 W3",
    help="申诉不成立，维持原来的决定",
    role=Role.MODERATOR,
    wide=True,
    bare=False,
)
async def refuse(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """The case stands."""
    number, there = await _meant(call, ctx)
    async for action in _decide(number, False, call.event, call.asker, there):
        yield action


async def _meant(call: Call, ctx: Ctx) -> tuple[int, Ctx]:
    """The appeal named, seen from its group. Raises CommandError, with the same words for none and for not allowed."""
    number = case_digits(call.text)
    if not number:
        raise CommandError(ctx.text("usage_decide"))
    there = await _there(int(number), call.asker, ctx)
    if there is None:
        raise CommandError(ctx.text("no_appeal", 编号=number))
    return int(number), there


async def _decide(number: int, yes: bool, event: MessageReceived, by: Member, ctx: Ctx) -> AsyncIterator[Action]:
    """In the case's own group; whoever appealed hears of it in private."""
    kept, case = await store.get(ctx.db, number), await ctx.cases.get(number)
    if kept is None or case is None or kept.group != ctx.group.id:
        raise CommandError(ctx.text("no_appeal", 编号=number))
    state = store.ACCEPTED if yes else store.REFUSED
    if not await store.decide(ctx.db, number, state, by.id, ctx.now):
        raise CommandError(ctx.text(f"decided_{kept.state}", 编号=number))
    await ctx.timers.cancel(f"appeal:{number}")
    if not yes:
        yield _answer(kept.member, ctx.text("refused_member", 编号=number), ctx)
        yield ctx.reply(event, ctx.text("refused", 编号=number, 昵称=case.member.name))
        return
    async for action in _overturn(case, event, by, ctx):
        yield action


async def _overturn(case: Case, event: MessageReceived, by: Member, ctx: Ctx) -> AsyncIterator[Action]:
    if case.state != "undone":
        await ctx.cases.settle(case.no, "undone", by=by.id, note="appeal")
    profile = await ctx.members.get(case.member.id)
    gone = profile is None or not profile.present
    invited = gone and Capability.INVITE in ctx.capabilities
    if invited:
        yield InviteMember(group=ctx.group.id, case=case.no, member=case.member)
    key = ("accepted_invited" if invited else "accepted_by_hand") if gone else "accepted"
    yield _answer(case.member.id, ctx.text(f"{key}_member", 编号=case.no, 群名=ctx.group.topic), ctx)
    yield ctx.reply(event, ctx.text(key, 编号=case.no, 昵称=case.member.name))
    yield ctx.overturned(case, by)


def _answer(member_id: str, text: str, ctx: Ctx) -> SendText:
    return SendText(group=ctx.group.id, to=member_id, text=text, purpose=Purpose.REPLY)
