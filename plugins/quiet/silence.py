"""Plugin: quiet: who has been silent for how long; who is left out of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.actions import Action
from bot.context import Profile
from bot.events import MemberForgotten, RedPacketSent
from bot.model import Role
from plugins.quiet.plugin import Ctx, plugin

KEPT, ALIVE = "keep:", "alive:"
YEARS = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Silence:
    """quiet: the most silent first. spared: how many are silent but left out. watched: how long the bot has looked."""

    quiet: list[tuple[Profile, datetime]]
    spared: int
    watched: timedelta


@plugin.on(RedPacketSent)
async def alive(event: RedPacketSent, ctx: Ctx) -> AsyncIterator[Action]:
    """Whoever gives is no lurker, though they say nothing."""
    await ctx.notes.set(f"{ALIVE}{event.sender.id}", event.at.isoformat(), lasts=YEARS)
    return
    yield


async def silence(ctx: Ctx, lasts: timedelta) -> Silence:
    """Members who said nothing for so long: not since they came, or not since the bot first saw them."""
    kept = await ctx.notes.all(KEPT)
    gave = await ctx.notes.all(ALIVE)
    quiet: list[tuple[Profile, datetime]] = []
    spared, first = 0, ctx.now
    for person in await ctx.members.present():
        first = min(first, person.first_seen_at)
        since = _silent_since(person, gave.get(f"{ALIVE}{person.id}"))
        if ctx.now - since < lasts:
            continue
        exempt = person.role >= Role.HELPER or f"{KEPT}{person.id}" in kept or await ctx.members.is_exempt(person.id)
        if exempt:
            spared += 1
        else:
            quiet.append((person, since))
    quiet.sort(key=lambda each: (each[1], each[0].id))
    return Silence(quiet, spared, ctx.now - first)


def _silent_since(person: Profile, gave: str | None) -> datetime:
    known = [person.joined_at or person.first_seen_at]
    if person.last_spoke_at is not None:
        known.append(person.last_spoke_at)
    if gave is not None:
        known.append(datetime.fromisoformat(gave))
    return max(known)


@plugin.on(MemberForgotten)
async def forget_member(event: MemberForgotten, ctx: Ctx) -> AsyncIterator[Action]:
    """When they last gave a red packet goes; that an admin left them out of it stays."""
    await ctx.notes.delete(f"{ALIVE}{event.member.id}")
    return
    yield
