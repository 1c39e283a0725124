"""Plugin: moderation: the court: an opened case is warned about, given its grace, and settled once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from bot.actions import Action, RemoveMember, SendText
from bot.context import Case
from bot.events import CaseOpened, CaseTold, MemberLeft, RedPacketSent, TimerDue
from bot.model import Capability
from bot.text import clip
from plugins.moderation.ladder import Step, earlier_warnings, next_step
from plugins.moderation.plugin import ADS, NOT_MINE, plugin
from plugins.moderation.say import Ctx, evidence, render_own, tell_admins, tell_member, verdict_name

HELD_UP = timedelta(seconds=10)
"""A warning that took longer to reach the group starts the grace anew."""
REMEMBERED = timedelta(days=1)
"""How long a warning that never reaches the group keeps its case open."""
RAN = "ran"
"""The note of a case whose member went away while a red packet was waited for."""
AWAY = timedelta(minutes=10)
"""A grace that ended so long before its timer could ring is no ground for a removal."""


@plugin.on(CaseOpened)
async def hear(event: CaseOpened, ctx: Ctx) -> AsyncIterator[Action]:
    """The first word about a case: a warning with its grace, or the next step of the ladder."""
    case = await ctx.cases.get(event.case)
    if case is None or case.verdict in NOT_MINE:
        return
    answer = _about_ad(case, ctx) if case.verdict in ADS else _about_breach(case, ctx)
    async for action in answer:
        yield action


async def _about_ad(case: Case, ctx: Ctx) -> AsyncIterator[Action]:
    grace, removable = ctx.settings.grace, case.verdict in ctx.settings.remove_for
    if grace is not None and not grace and removable:
        async for action in remove(case, ctx, ctx.text("reason_at_once")):
            yield action
        return
    if grace and removable and (owed := await _ran_away(case, ctx)):
        async for action in remove(case, ctx, ctx.text("reason_ran_away", 编号=owed)):
            yield action
        return
    await ctx.cases.settle(case.no, "warned")
    if not grace:
        await ctx.timers.start(f"close:{case.no}", ctx.settings.merge, payload={"case": str(case.no)})
        yield tell_member(ctx, case.member, ctx.text("ad_no_grace", 编号=case.no), case.no)
        yield tell_admins(ctx, case.no, _evidence(case, ctx, "admins_warned"))
        return
    payload = {"case": str(case.no), "due": (ctx.now + grace).isoformat()}
    await ctx.timers.start(f"case:{case.no}", grace, payload=payload)
    yield _warning(case, ctx, grace)
    if Capability.SEE_RED_PACKET not in ctx.capabilities:
        text = ctx.text("admins_confirm", 昵称=case.member.name, 编号=case.no, 时长=ctx.say_duration(grace))
        yield tell_admins(ctx, case.no, text)


async def _ran_away(case: Case, ctx: Ctx) -> int:
    """The case of the last ad, when its sender left of their own accord before a red packet and is back with another:
    else leaving and coming back would buy any number of ads. 0 for everybody else."""
    before = [
        each for each in await ctx.cases.of(case.member.id, since=ctx.now - ctx.settings.decay) if each.no < case.no
    ]
    last = next((each for each in before if each.verdict in ADS), None)
    return last.no if last is not None and (last.state, last.note, last.mode) == ("left", RAN, case.mode) else 0


def _warning(case: Case, ctx: Ctx, grace: timedelta) -> SendText:
    duration = ctx.say_duration(grace)
    key = "warning_ad" if case.verdict in ctx.settings.remove_for else "warning_suspect"
    own = render_own(ctx, ctx.settings.warning, case.member, 时长=duration, 编号=f"W{case.no}")
    return tell_member(ctx, case.member, own or ctx.text(key, 时长=duration, 编号=case.no), case.no)


async def _about_breach(case: Case, ctx: Ctx) -> AsyncIterator[Action]:
    settings = ctx.settings
    before = await ctx.cases.of(case.member.id, since=ctx.now - settings.decay)
    earlier = earlier_warnings(before, ctx.now, settings.decay, except_no=case.no)
    step = next_step(earlier, settings.warnings_before_removal, case.verdict in settings.remove_for)
    if step is Step.REMOVE:
        reason = ctx.text("reason_repeated", 什么=verdict_name(ctx, case.verdict), 次=earlier + 1)
        async for action in remove(case, ctx, reason):
            yield action
        return
    await ctx.cases.settle(case.no, "warned")
    await ctx.timers.start(f"close:{case.no}", settings.merge, payload={"case": str(case.no)})
    if step is Step.ASK:
        yield tell_admins(ctx, case.no, _evidence(case, ctx, "admins_repeated", 次=earlier + 1))
        return
    kind = case.verdict if case.verdict in ("flood", "word") else "other"
    yield tell_member(ctx, case.member, ctx.text(f"{step}_{kind}", 编号=case.no, 次=earlier + 1), case.no)


def _evidence(case: Case, ctx: Ctx, key: str, **values: object) -> str:
    """Who, why and what was said, for the admins."""
    return ctx.text(
        key,
        昵称=case.member.name,
        编号=case.no,
        什么=verdict_name(ctx, case.verdict),
        经过=evidence(case, ctx),
        **values,
    )


async def remove(case: Case, ctx: Ctx, why: str, by: str = "") -> AsyncIterator[Action]:
    """Ask for the member's removal, once."""
    await ctx.cases.settle(case.no, "removing", by=by)
    said = ctx.text("removal_said", 原文=clip(case.text, 40)) if case.message_id and case.text else ""
    reason = ctx.text("removal_reason", 编号=case.no, 什么=why) + said
    yield RemoveMember(group=ctx.group.id, case=case.no, member=case.member, reason=reason, by=by)


@plugin.on(RedPacketSent)
async def accept(event: RedPacketSent, ctx: Ctx) -> AsyncIterator[Action]:
    """A red packet of the same sender in the same group makes an ad good."""
    waiting = await waiting_for_packet(event.sender.id, ctx)
    for case in waiting:
        await pay(case, ctx)
    if waiting:
        yield thanks(waiting[0], ctx)


async def waiting_for_packet(member_id: str, ctx: Ctx) -> list[Case]:
    """Cases of a member that a red packet would close."""
    return [case for case in await ctx.cases.open_of(member_id) if case.verdict in ADS and case.state == "warned"]


async def pay(case: Case, ctx: Ctx, by: str = "", note: str = "") -> None:
    """Close a case as paid."""
    await close(case, ctx, "paid", by=by, note=note)


def thanks(case: Case, ctx: Ctx) -> Action:
    own = render_own(ctx, ctx.settings.thanks, case.member, 编号=f"W{case.no}")
    return tell_member(ctx, case.member, own or ctx.text("paid", 编号=case.no), case.no)


async def close(case: Case, ctx: Ctx, state: str, by: str = "", note: str = "") -> None:
    """Settle a case and stop whatever of it was to ring."""
    await ctx.timers.cancel(f"case:{case.no}")
    await ctx.timers.cancel(f"close:{case.no}")
    await ctx.timers.cancel(f"name:{case.no}")
    await ctx.cases.settle(case.no, state, by=by, note=note)


@plugin.on(TimerDue)
async def ring(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    """The grace is over, or a warned case is old enough that the next breach counts anew."""
    case = await ctx.cases.get(int(event.payload["case"]))
    if case is None or case.state != "warned" or event.name.startswith("name:"):
        return
    if event.name.startswith("case:") and not await ctx.notes.get(_told(case.no)):
        await ctx.notes.set(_waits(case.no), "1", lasts=REMEMBERED)
        await ctx.timers.start(f"close:{case.no}", REMEMBERED, payload={"case": str(case.no)})
        return
    if event.name.startswith("case:") and case.verdict in ctx.settings.remove_for and not _was_away(event):
        async for action in remove(case, ctx, ctx.text("reason_no_packet")):
            yield action
        return
    await ctx.cases.settle(case.no, "closed")
    if event.name.startswith("case:"):
        key = "admins_away" if _was_away(event) else "admins_decide"
        yield tell_admins(ctx, case.no, _evidence(case, ctx, key))


def _told(no: int) -> str:
    return f"told:{no}"


def _waits(no: int) -> str:
    return f"waits:{no}"


@plugin.on(CaseTold)
async def start_grace(event: CaseTold, ctx: Ctx) -> AsyncIterator[Action]:
    """The warning has reached the group: the grace counts from here, should it have been held up on its way."""
    case = await ctx.cases.get(event.case)
    if case is None or case.verdict not in ADS or case.state != "warned" or await ctx.notes.get(_told(case.no)):
        return
    await ctx.notes.set(_told(case.no), event.at.isoformat(), lasts=REMEMBERED)
    grace = ctx.settings.grace
    held_up = await ctx.notes.delete(_waits(case.no)) or event.at - case.opened_at > HELD_UP
    if grace and held_up:
        await ctx.timers.cancel(f"case:{case.no}")
        await ctx.timers.cancel(f"close:{case.no}")
        payload = {"case": str(case.no), "due": (event.at + grace).isoformat()}
        await ctx.timers.start(f"case:{case.no}", at=event.at + grace, payload=payload)
    return
    yield


def _was_away(event: TimerDue) -> bool:
    """Whether the bot slept through the end of the grace: then a red packet may have come unseen."""
    return "due" in event.payload and event.at > datetime.fromisoformat(event.payload["due"]) + AWAY


@plugin.on(MemberLeft)
async def let_go(event: MemberLeft, ctx: Ctx) -> AsyncIterator[Action]:
    """Who left by themselves needs no removal; one that is under way settles by its own evidence."""
    for case in await ctx.cases.open_of(event.member.id):
        if case.state != "removing":
            ran = case.state == "warned" and event.by is None and await ctx.notes.get(_told(case.no))
            await close(case, ctx, "left", note=RAN if ran else "")
    return
    yield
