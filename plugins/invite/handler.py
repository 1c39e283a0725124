"""Plugin: what the invite plugin hears: people coming, going, saying who brought them, and the clock."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action, Purpose, SendText
from bot.context import Context, Profile
from bot.duration import format_duration, say_duration
from bot.events import InviterLearned, MemberJoined, MemberLeft, MessageReceived, TimerDue
from bot.model import Member
from bot.text import clean_name, normalise
from plugins.invite import store
from plugins.invite.claim import claimed_name, may_claim
from plugins.invite.model import Source, State
from plugins.invite.reward import attribute, record, take_back, vest
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
    for one in await store.of_invitee(ctx.db, event.member.id):
        if one.group == event.group and one.state is State.UNKNOWN:
            await attribute(ctx, one, event.inviter, Source.GATEWAY)
    return
    yield


@plugin.on(MemberLeft)
async def went(event: MemberLeft, ctx: Ctx) -> AsyncIterator[Action]:
    await take_back(ctx, event.member, event.at)
    return
    yield


@plugin.on(TimerDue)
async def ring(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    if event.name != "tell":
        await vest(ctx, int(event.payload["id"]))
        return
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
    if lines:
        yield SendText(group=ctx.group.id, text="\n".join(lines), mentions=tuple(told), purpose=Purpose.SERVICE)


def _may_claim(event: MessageReceived) -> bool:
    return bool(event.group) and may_claim(event.text)


@plugin.on(MessageReceived, when=_may_claim)
async def claims(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    """Only somebody who has just come is answered; for all others the sentence is ordinary talk."""
    name = claimed_name(normalise(event.text))
    if name is None:
        return
    mine = [one for one in await store.of_invitee(ctx.db, event.sender.id) if one.group == event.group]
    if not mine or mine[0].state is State.VOID or ctx.now - mine[0].joined_at > ctx.settings.claim_within:
        if mine and mine[0].state is State.UNKNOWN:
            within = ctx.settings.claim_within
            limit = format_duration(within) if ctx.group.language == "en" else say_duration(within)
            yield ctx.reply(event, ctx.text("claim_late", 时限=limit))
        return
    if mine[0].state is not State.UNKNOWN:
        yield ctx.reply(event, ctx.text("claim_known", 昵称=mine[0].inviter_name))
        return
    found = await _named(ctx, event, name)
    if found is None:
        yield ctx.reply(event, ctx.text("claim_who", 昵称=clean_name(name)))
    elif found.id == event.sender.id:
        yield ctx.reply(event, ctx.text("claim_self"))
    elif found.first_seen_at > mine[0].joined_at:
        yield ctx.reply(event, ctx.text("claim_later", 昵称=clean_name(found.name)))
    else:
        void = await attribute(ctx, mine[0], found.member, Source.CLAIM)
        key = "claim_void" if void else "claim_kept"
        yield ctx.reply(event, ctx.text(key, 昵称=clean_name(found.name)))


async def _named(ctx: Ctx, event: MessageReceived, name: str) -> Profile | None:
    """Who is meant, if they are here: the one named with @, else the only member of that very name."""
    present = await ctx.members.present()
    if len(event.mentions) == 1:
        found = [one for one in present if one.id == event.mentions[0]]
    else:
        found = [one for one in present if normalise(one.name) == name]
    return found[0] if len(found) == 1 else None
