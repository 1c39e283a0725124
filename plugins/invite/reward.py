"""Plugin: from a coming to a reward: attribute, wait, pay, take back. Each step happens once, whatever is repeated."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.context import Context
from bot.model import Member
from bot.text import clean_name
from plugins.invite import book, hold, pay, store
from plugins.invite.model import BOTH_SAY_SO, Invitation, Reason, Source, State, why_void
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
        if seen_before or source.confidence >= ctx.settings.sure:
            await attribute(ctx, one, inviter, source, seen_before=seen_before)
        else:
            await guess(ctx, one, inviter)


async def is_bot(ctx: Ctx, member_id: str) -> bool:
    """Whether this is the bot's own account: in the group, but not among those present besides the bot."""
    profile = await ctx.members.get(member_id)
    if profile is None or not profile.present:
        return False
    return all(one.id != member_id for one in await ctx.members.present())


async def guess(ctx: Ctx, one: Invitation, inviter: Member) -> None:
    """Somebody may have brought them; it waits until the newcomer or an admin says so."""
    await store.change(ctx.db, one.id, guess=inviter.id, guess_name=clean_name(inviter.name))


async def say_so(ctx: Ctx, one: Invitation, inviter: Member, source: Source) -> tuple[bool, Reason | None]:
    """Somebody says who brought a newcomer. Whether that is sure enough, and why it will not count."""
    agreed = one.guess == inviter.id and source is Source.CLAIM
    confidence = BOTH_SAY_SO if agreed else source.confidence
    if confidence < ctx.settings.sure:
        await guess(ctx, one, inviter)
        return False, None
    return True, await attribute(ctx, one, inviter, source, confidence=confidence)


async def attribute(
    ctx: Ctx,
    one: Invitation,
    inviter: Member,
    source: Source,
    *,
    seen_before: bool = False,
    confidence: int | None = None,
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
        confidence=source.confidence if confidence is None else confidence,
        state=State.VOID if void else State.PENDING,
        reason=void or "",
        due_at=None if void else due_at,
        points=0 if void else ctx.settings.reward,
        guess="",
        guess_name="",
    )
    if void is None and due_at <= ctx.now:
        await vest(ctx, one.id)
    elif void is None:
        await ctx.timers.start(vest_timer(one.id), at=due_at, payload={"id": str(one.id)})
    return void


async def vest(ctx: Ctx, invitation_id: int) -> bool:
    """The time has come: pay, wait for more messages or an admin, or give up. Whether it was paid now."""
    one = await store.get(ctx.db, invitation_id)
    if one is None or one.state is not State.PENDING:
        return False
    profile = await ctx.members.get(one.invitee)
    if profile is None or not profile.present:
        await store.settle(ctx.db, one, State.VOID, ctx.now, reason=Reason.LEFT)
        return False
    if await hold.waits(ctx, one):
        return False
    spoke = profile.message_count >= ctx.settings.vest_messages
    if not spoke and not (one.introduced and ctx.settings.vest_introduction):
        if ctx.now - one.joined_at >= ctx.settings.give_up:
            await store.settle(ctx.db, one, State.VOID, ctx.now, reason=Reason.SILENT)
        else:
            await ctx.timers.start(vest_timer(one.id), MESSAGES_ASKED_AGAIN, payload={"id": str(one.id)})
        return False
    if (await book.reward_of(ctx.db, pay.direct(one)))[0]:
        await store.settle(ctx.db, one, State.VOID, ctx.now, reason=Reason.REJOIN)
        return False
    points = await pay.pay_for(ctx, one)
    await store.settle(ctx.db, one, State.COUNTED, ctx.now)
    await store.change(ctx.db, one.id, points=points)
    await ctx.timers.cancel(vest_timer(one.id))
    await pay.climb(ctx, one.inviter)
    if ctx.settings.tell:
        await ctx.notes.set(f"tell:{one.id:09}", one.inviter)
        await ctx.timers.start("tell", TELL_TOGETHER)
    return True


async def introduced(ctx: Ctx, member: Member) -> None:
    """A newcomer has said who they are, which may be all their inviter still waited for."""
    one = await store.here(ctx.db, ctx.group.id, member.id)
    if one is None or one.state not in (State.PENDING, State.UNKNOWN):
        return
    await store.change(ctx.db, one.id, introduced=1)
    if one.due_at is not None and one.due_at <= ctx.now:
        await vest(ctx, one.id)


async def take_back(ctx: Ctx, member: Member, left_at: datetime) -> None:
    """Somebody left: what waits is void, what was paid is taken back as far as the balance goes."""
    for one in await store.of_invitee(ctx.db, member.id):
        if one.group != ctx.group.id or one.left_at is not None:
            continue
        await store.change(ctx.db, one.id, left_at=left_at)
        if one.state in (State.PENDING, State.UNKNOWN):
            await ctx.timers.cancel(vest_timer(one.id))
            await store.settle(ctx.db, one, State.VOID, left_at, reason=Reason.LEFT)
        elif one.state is State.COUNTED and _deducts(ctx, one, left_at):
            await store.settle(ctx.db, one, State.DEDUCTED, left_at, reason=Reason.LEFT)
            await pay.take_back_all(ctx, one, ctx.text("reason_left", 昵称=one.invitee_name))
        if one.inviter:
            await hold.look(ctx, one)


def _deducts(ctx: Ctx, one: Invitation, left_at: datetime) -> bool:
    within = ctx.settings.deduct_within
    return ctx.settings.deduct_on_leave and (within is None or left_at - one.joined_at <= within)


async def release(ctx: Ctx, no: int) -> tuple[int, int]:
    """An admin lets a batch go on: how many were paid now, how many still wait for their time or words."""
    paid = waits = 0
    for one in await store.of_hold(ctx.db, no):
        if one.state is not State.PENDING:
            continue
        if one.due_at is not None and one.due_at > ctx.now:
            waits += 1
        elif await vest(ctx, one.id):
            paid += 1
        else:
            after = await store.get(ctx.db, one.id)
            waits += after is not None and after.state is State.PENDING
    return paid, waits


async def void_branch(ctx: Ctx, no: int) -> tuple[int, int]:
    """An admin voids a batch and all whom it brought: how many will not be paid, how many were taken back."""
    void = taken = 0
    for one, _ in await hold.branch(ctx, no):
        if one.state is State.PENDING:
            await ctx.timers.cancel(vest_timer(one.id))
            await store.settle(ctx.db, one, State.VOID, ctx.now, reason=Reason.BRANCH)
            void += 1
        elif one.state is State.COUNTED:
            await store.settle(ctx.db, one, State.DEDUCTED, ctx.now, reason=Reason.BRANCH)
            await pay.take_back_all(ctx, one, ctx.text("reason_voided", 昵称=one.invitee_name))
            taken += 1
    return void, taken
