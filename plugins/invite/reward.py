"""Plugin: from a coming to a reward: attribute, wait, pay, take back. Each step happens once, whatever is repeated."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.context import Context
from bot.model import Member
from bot.text import clean_name
from plugins.invite import store
from plugins.invite.model import Invitation, Reason, Source, State, why_void
from plugins.invite.settings import Settings

Ctx = Context[Settings]
MESSAGES_ASKED_AGAIN = timedelta(hours=6)
TELL_TOGETHER = timedelta(minutes=2)


def vest_timer(invitation_id: int) -> str:
    return f"vest:{invitation_id}"


async def record(ctx: Ctx, member: Member, inviter: Member | None, source: Source, joined_at: datetime) -> None:
    """Somebody came: keep who brought them and let the reward begin to wait, or keep why there is none."""
    earlier = await store.of_invitee(ctx.db, member.id)
    profile = await ctx.members.get(member.id)
    seen_before = bool(earlier) or (profile is not None and profile.first_seen_at < joined_at)
    new_id = await store.add(
        ctx.db,
        {
            "group": ctx.group.id,
            "invitee": member.id,
            "invitee_name": clean_name(member.name),
            "inviter": "",
            "inviter_name": "",
            "source": Source.NONE,
            "confidence": 0,
            "joined_at": joined_at,
            "state": State.VOID if seen_before else State.UNKNOWN,
            "reason": Reason.REJOIN if seen_before else "",
        },
    )
    if inviter is not None and not await is_bot(ctx, inviter.id):
        one = await store.get(ctx.db, new_id)
        assert one is not None
        await attribute(ctx, one, inviter, source, seen_before=seen_before)


async def is_bot(ctx: Ctx, member_id: str) -> bool:
    """Whether this is the bot's own account: in the group, but not among those present besides the bot."""
    profile = await ctx.members.get(member_id)
    if profile is None or not profile.present:
        return False
    return all(one.id != member_id for one in await ctx.members.present())


async def attribute(
    ctx: Ctx, one: Invitation, inviter: Member, source: Source, *, seen_before: bool = False
) -> Reason | None:
    """Keep who brought them. The reason why it will not count, None when the reward now waits (or is paid)."""
    chain = await store.inviters_of(ctx.db, inviter.id)
    void = why_void(one.invitee, inviter.id, seen_before=seen_before, inviters_of_inviter=chain)
    due_at = one.joined_at + timedelta(days=ctx.settings.vest_days)
    await store.change(
        ctx.db,
        one.id,
        inviter=inviter.id,
        inviter_name=clean_name(inviter.name),
        source=source,
        confidence=source.confidence,
        state=State.VOID if void else State.PENDING,
        reason=void or "",
        due_at=None if void else due_at,
        points=0 if void else ctx.settings.reward,
    )
    if void is None and due_at <= ctx.now:
        await vest(ctx, one.id)
    elif void is None:
        await ctx.timers.start(vest_timer(one.id), at=due_at, payload={"id": str(one.id)})
    return void


async def vest(ctx: Ctx, invitation_id: int) -> bool:
    """The time has come: pay, wait for more messages, or give up. Whether it was paid now."""
    one = await store.get(ctx.db, invitation_id)
    if one is None or one.state is not State.PENDING:
        return False
    profile = await ctx.members.get(one.invitee)
    if profile is None or not profile.present:
        await store.settle(ctx.db, one, State.VOID, ctx.now, reason=Reason.LEFT)
        return False
    if profile.message_count < ctx.settings.vest_messages:
        if ctx.now - one.joined_at >= ctx.settings.give_up:
            await store.settle(ctx.db, one, State.VOID, ctx.now, reason=Reason.SILENT)
        else:
            await ctx.timers.start(vest_timer(one.id), MESSAGES_ASKED_AGAIN, payload={"id": str(one.id)})
        return False
    reason = ctx.text("reason_invited", 昵称=one.invitee_name)
    if one.points and not await ctx.ledger.post(one.inviter, one.points, reason, f"invite:{one.invitee}"):
        await store.settle(ctx.db, one, State.VOID, ctx.now, reason=Reason.REJOIN)
        return False
    await store.settle(ctx.db, one, State.COUNTED, ctx.now)
    if ctx.settings.tell:
        await ctx.notes.set(f"tell:{one.id:09}", one.inviter)
        await ctx.timers.start("tell", TELL_TOGETHER)
    return True


async def take_back(ctx: Ctx, member: Member, left_at: datetime) -> None:
    """Somebody left: what waits is void, what was paid is taken back as far as the balance goes."""
    for one in await store.of_invitee(ctx.db, member.id):
        if one.group != ctx.group.id:
            continue
        if one.state in (State.PENDING, State.UNKNOWN):
            await ctx.timers.cancel(vest_timer(one.id))
            await store.settle(ctx.db, one, State.VOID, left_at, reason=Reason.LEFT)
        elif one.state is State.COUNTED and _deducts(ctx, one, left_at):
            points = min(one.points, await ctx.ledger.balance(one.inviter))
            if points:
                reason = ctx.text("reason_left", 昵称=one.invitee_name)
                await ctx.ledger.post(one.inviter, -points, reason, f"invite-back:{one.invitee}")
            await store.settle(ctx.db, one, State.DEDUCTED, left_at, reason=Reason.LEFT)


def _deducts(ctx: Ctx, one: Invitation, left_at: datetime) -> bool:
    within = ctx.settings.deduct_within
    return ctx.settings.deduct_on_leave and (within is None or left_at - one.joined_at <= within)
