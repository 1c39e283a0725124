"""Plugin: paying for a friend who stays: two levels at most, a ladder, under the cap, never twice; and taking back."""

from __future__ import annotations

from datetime import datetime

from bot.context import Context
from plugins.invite import book, store
from plugins.invite.ladder import read_ladder
from plugins.invite.model import Invitation, State
from plugins.invite.settings import Settings

Ctx = Context[Settings]


def direct(one: Invitation) -> str:
    """What the inviter's own reward for a friend stands under: there is one for ever, whoever brings them again."""
    return f"invite:{one.invitee}"


async def pay(ctx: Ctx, key: str, member: str, level: int, about: int, points: int, reason: str) -> int:
    """How many points were posted: as many as the month's cap leaves room for, none when it was paid before."""
    month = f"{ctx.today:%Y-%m}"
    points = min(points, ctx.settings.cap - await book.held_in(ctx.db, member, month))
    if points <= 0 or not await ctx.ledger.post(member, points, reason, key):
        return 0
    await book.keep_reward(ctx.db, key, member, level, about, points, month)
    return points


async def take(ctx: Ctx, key: str, back: str, reason: str) -> None:
    """Take a reward back as far as the balance goes; what was spent is forgiven and stays held."""
    member, held = await book.reward_of(ctx.db, key)
    points = min(held, await ctx.ledger.balance(member)) if held else 0
    if points and await ctx.ledger.post(member, -points, reason, back):
        await book.set_reward(ctx.db, key, held - points)


async def take_late(ctx: Ctx, member: str, points: int, paid_at: datetime, fact: str) -> int:
    """Of points somebody has back, take what could not be taken while they were out; how many were taken.

    Else they could be put into an order, the friends be sent away, and the order be cancelled.
    """
    left = most = min(points, await ctx.ledger.balance(member))
    for key, held in await book.owed(ctx.db, member, paid_at, await counted_of(ctx, member)):
        some = min(held, left)
        if some and await ctx.ledger.post(member, -some, ctx.text("reason_late"), f"invite-late:{key}:{fact}"):
            await book.set_reward(ctx.db, key, held - some)
            left -= some
    return most - left


async def pay_for(ctx: Ctx, one: Invitation) -> int:
    """All that a friend who stays is worth; how much of it is the inviter's for this friend."""
    name = one.invitee_name
    reason = ctx.text("reason_invited", 昵称=name)
    points = await pay(ctx, direct(one), one.inviter, 1, one.id, ctx.settings.reward, reason)
    second = await store.second_of(ctx.db, one.inviter) if ctx.settings.second else ""
    if second and second not in (one.inviter, one.invitee):
        reason = ctx.text("reason_second", 昵称=one.inviter_name, 新人=name)
        await pay(ctx, f"invite2:{one.invitee}", second, 2, one.id, ctx.settings.second, reason)
    return points


async def climb(ctx: Ctx, inviter: str) -> None:
    """Somebody has one more who counts: perhaps a step of the ladder is reached."""
    counted = await counted_of(ctx, inviter)
    reward = read_ladder(ctx.settings.ladder).get(counted)
    if reward is None:
        return
    before = await book.steps_of(ctx.db, inviter, counted)
    key = f"invite-step:{inviter}:{counted}:{len(before) + 1}"
    missing = reward - sum(held for _, held in before)
    await pay(ctx, key, inviter, 0, counted, missing, ctx.text("reason_step", 人数=counted))


async def take_back_all(ctx: Ctx, one: Invitation, reason: str) -> None:
    """A friend who counted does so no more; the caller has settled that."""
    await take(ctx, direct(one), f"invite-back:{one.invitee}", reason)
    await take(ctx, f"invite2:{one.invitee}", f"invite2-back:{one.invitee}", reason)
    step = await counted_of(ctx, one.inviter) + 1
    for key, held in await book.steps_of(ctx.db, one.inviter, step):
        if held:
            await take(
                ctx, key, key.replace("invite-step:", "invite-step-back:", 1), ctx.text("reason_fell", 人数=step)
            )


async def counted_of(ctx: Ctx, inviter: str) -> int:
    return (await store.totals(ctx.db, inviter)).get(State.COUNTED, (0, 0))[0]
