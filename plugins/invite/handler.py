"""Plugin: what the invite plugin hears: people coming, going, saying who brought them, and the clock."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action, NotifyAdmins, Purpose, SendText
from bot.context import Context, Profile
from bot.events import (
    InviterLearned,
    MemberIntroduced,
    MemberJoined,
    MemberLeft,
    MessageReceived,
    PointsReturned,
    TimerDue,
)
from bot.model import Member
from bot.text import clean_name, normalise
from plugins.invite import book, hold, pay, store
from plugins.invite.claim import claimed_name, may_claim, witnessed_name
from plugins.invite.model import Invitation, Source, State
from plugins.invite.reward import attribute, introduced, record, say_so, take_back, vest
from plugins.invite.settings import Settings, plugin

Ctx = Context[Settings]


@plugin.on(MemberJoined)
async def came(event: MemberJoined, ctx: Ctx) -> AsyncIterator[Action]:
    source = Source.ROSTER if event.source == "roster" else Source.GATEWAY
    await record(ctx, event.member, event.inviter, source, event.at)
    return
    yield


@plugin.on(InviterLearned)
async def learned(event: InviterLearned, ctx: Ctx) -> AsyncIterator[Action]:
    one = await store.here(ctx.db, event.group, event.member.id)
    if one is not None and one.state is State.UNKNOWN:
        await attribute(ctx, one, event.inviter, Source.GATEWAY)
    return
    yield


@plugin.on(MemberLeft)
async def went(event: MemberLeft, ctx: Ctx) -> AsyncIterator[Action]:
    await take_back(ctx, event.member, event.at)
    return
    yield


@plugin.on(MemberIntroduced)
async def said_who(event: MemberIntroduced, ctx: Ctx) -> AsyncIterator[Action]:
    await introduced(ctx, event.member)
    return
    yield


@plugin.on(PointsReturned)
async def returned(event: PointsReturned, ctx: Ctx) -> AsyncIterator[Action]:
    taken = await pay.take_late(ctx, event.member.id, event.points, event.paid_at, event.id)
    profile = await ctx.members.get(event.member.id) if taken else None
    if profile is not None and profile.present:
        values = {"昵称": event.member.name, "得分": taken, "积分": await ctx.ledger.balance(event.member.id)}
        text = ctx.text("taken_late", **values)
        yield SendText(group=ctx.group.id, text=text, mentions=(event.member,), purpose=Purpose.SERVICE)


@plugin.on(TimerDue)
async def ring(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    if event.name.startswith("vest:"):
        await vest(ctx, int(event.payload["id"]))
    elif event.name.startswith("hold:"):
        found = await book.hold(ctx.db, int(event.payload["no"]))
        if found is not None and found.state == "open":
            yield NotifyAdmins(group=ctx.group.id, text=await hold.tree(ctx, found))
    elif event.name == "tell":
        for action in await _paid(ctx):
            yield action


async def _paid(ctx: Ctx) -> list[Action]:
    """One message for all who were paid lately and are still here."""
    invitees: dict[str, list[str]] = {}
    points: dict[str, int] = {}
    for key, inviter in (await ctx.notes.all("tell:")).items():
        await ctx.notes.delete(key)
        one = await store.get(ctx.db, int(key.removeprefix("tell:")))
        profile = await ctx.members.get(inviter)
        if one is not None and one.state is State.COUNTED and profile is not None and profile.present:
            invitees.setdefault(inviter, []).append(one.invitee_name)
            points[inviter] = points.get(inviter, 0) + one.points
    profiles = [await ctx.members.get(inviter) for inviter in invitees]
    told = [Member(one.id, clean_name(one.name)) for one in profiles if one is not None]
    lines = [ctx.text("paid", 昵称=one.name, 新人="、".join(invitees[one.id]), 得分=points[one.id]) for one in told]
    if not lines:
        return []
    return [SendText(group=ctx.group.id, text="\n".join(lines), mentions=tuple(told), purpose=Purpose.SERVICE)]


def _may_claim(event: MessageReceived) -> bool:
    return bool(event.group) and may_claim(event.text)


@plugin.on(MessageReceived, when=_may_claim)
async def claims(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    """Only somebody who has just come is answered; for all others the sentence is ordinary talk."""
    text = normalise(event.text)
    if (newcomer := witnessed_name(text)) is not None:
        if sentence := await _witness(ctx, event, newcomer):
            yield ctx.reply(event, sentence)
        return
    name = claimed_name(text)
    mine = await store.here(ctx.db, event.group, event.sender.id) if name is not None else None
    if name is None or mine is None:
        return
    if mine.state is State.VOID or ctx.now - mine.joined_at > ctx.settings.claim_within:
        if mine.state is State.UNKNOWN:
            limit = ctx.say_duration(ctx.settings.claim_within)
            yield ctx.reply(event, ctx.text("claim_late", 时限=limit))
        return
    if mine.state is not State.UNKNOWN:
        yield ctx.reply(event, ctx.text("claim_known", 昵称=mine.inviter_name))
        return
    yield ctx.reply(event, await _claim(ctx, event, mine, name))


async def _claim(ctx: Ctx, event: MessageReceived, mine: Invitation, name: str) -> str:
    """What a newcomer is told who says that `name` brought them."""
    found = await _named(ctx, event, name)
    if found is None:
        return ctx.text("claim_who", 昵称=clean_name(name))
    if found.id == event.sender.id:
        return ctx.text("claim_self")
    if found.first_seen_at > mine.joined_at:
        return ctx.text("claim_later", 昵称=clean_name(found.name))
    sure, void = await say_so(ctx, mine, found.member, Source.CLAIM)
    key = "claim_void" if void else "claim_kept" if sure else "claim_waits"
    return ctx.text(key, 昵称=clean_name(found.name))


async def _witness(ctx: Ctx, event: MessageReceived, name: str) -> str:
    """What somebody is told who says they brought a newcomer; "" when that is nobody we wait for."""
    found = await _named(ctx, event, name)
    one = await store.here(ctx.db, event.group, found.id) if found is not None else None
    if one is None or one.state is not State.UNKNOWN or ctx.now - one.joined_at > ctx.settings.claim_within:
        return ""
    me = await ctx.members.get(event.sender.id)
    if event.sender.id == one.invitee or me is None or me.first_seen_at > one.joined_at:
        return ""
    if one.guess and one.guess != event.sender.id:
        return ctx.text("witness_other", 昵称=one.invitee_name)
    sure, void = await say_so(ctx, one, event.sender, Source.WITNESS)
    key = "claim_void" if void else "witness_kept" if sure else "witness_waits"
    return ctx.text(key, 昵称=one.invitee_name, 邀请人=clean_name(event.sender.name))


async def _named(ctx: Ctx, event: MessageReceived, name: str) -> Profile | None:
    """Who is meant, if they are here: the one named with @, else the only member of that very name."""
    present = await ctx.members.present()
    if len(event.mentions) == 1:
        found = [one for one in present if one.id == event.mentions[0]]
    else:
        found = [one for one in present if normalise(one.name) == name]
    return found[0] if len(found) == 1 else None
