"""Plugin: the day after: newcomers who said nothing yet are asked in together, in waking hours, once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from bot.actions import Action, Purpose, SendText
from bot.context import Context, Profile
from bot.events import MemberForgotten, MemberIntroduced, MemberJoined, MemberLeft, TimerDue
from bot.model import Member, Role
from bot.text import clean_name
from plugins.newcomer.plugin import Settings, plugin

Ctx = Context[Settings]
TOGETHER = timedelta(hours=1)
"""Whose day is over within this time is asked with the others."""
GAP = timedelta(hours=3)
"""Between two such messages in one group."""
STALE = timedelta(days=2)
"""So long after their day nobody is asked any more; the bot was away."""


@plugin.on(MemberJoined)
async def expect(event: MemberJoined, ctx: Ctx) -> AsyncIterator[Action]:
    """Remember who is new. Who was here before, or was asked once, is not."""
    profile = await ctx.members.get(event.member.id)
    known = profile is not None and (
        profile.last_spoke_at is not None or profile.first_seen_at < event.at - ctx.settings.after
    )
    if not ctx.settings.enabled or known or event.member.role >= Role.HELPER or await _was_asked(event.member.id, ctx):
        return
    await ctx.notes.set(f"new:{event.member.id}", event.at.isoformat())
    await ctx.timers.start("ask", at=waking(event.at + ctx.settings.after, ctx))
    return
    yield


@plugin.on(MemberLeft)
async def forget(event: MemberLeft, ctx: Ctx) -> AsyncIterator[Action]:
    await ctx.notes.delete(f"new:{event.member.id}")
    return
    yield


@plugin.on(MemberIntroduced)
async def leave_alone(event: MemberIntroduced, ctx: Ctx) -> AsyncIterator[Action]:
    """They are known now, also when they said so to the bot alone."""
    await ctx.notes.delete(f"new:{event.member.id}")
    return
    yield


@plugin.on(TimerDue)
async def ask(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    if (later := waking(ctx.now, ctx)) > ctx.now:
        # The bot was away and woke at night.
        await ctx.timers.start("ask", at=later)
        return
    silent, next_at = await _over(ctx)
    if next_at is not None:
        pause = GAP if silent else timedelta()
        await ctx.timers.start("ask", at=waking(max(ctx.now + pause, next_at), ctx))
    if silent and ctx.settings.enabled:
        for member in silent:
            await ctx.notes.set(f"asked:{member.id}", ctx.now.isoformat())
        named = silent[: ctx.settings.most_names]
        text = ctx.render(ctx.settings.text, 昵称=_say_names(ctx, silent, named))
        yield SendText(group=ctx.group.id, text=text, mentions=tuple(named), purpose=Purpose.BROADCAST)


async def _over(ctx: Ctx) -> tuple[list[Member], datetime | None]:
    """Whose day is over and who said nothing, the first to come first; and when the next one's day is over."""
    joined = {key: datetime.fromisoformat(note) for key, note in (await ctx.notes.all("new:")).items()}
    silent: list[Member] = []
    for key, joined_at in sorted(joined.items(), key=lambda item: (item[1], item[0])):
        due_at = joined_at + ctx.settings.after
        if due_at > ctx.now + TOGETHER:
            return silent, due_at
        await ctx.notes.delete(key)
        profile = await ctx.members.get(key.partition(":")[2])
        if profile is not None and ctx.now <= due_at + STALE and _is_silent(profile, joined_at):
            silent.append(profile.member)
    return silent, None


async def _was_asked(member_id: str, ctx: Ctx) -> bool:
    return await ctx.notes.get(f"asked:{member_id}") is not None


def _is_silent(profile: Profile, joined_at: datetime) -> bool:
    spoke = profile.last_spoke_at is not None and profile.last_spoke_at >= joined_at
    return profile.present and not spoke and profile.role < Role.HELPER


def _say_names(ctx: Ctx, silent: Sequence[Member], named: Sequence[Member]) -> str:
    names = [clean_name(member.name) for member in named]
    said = " ".join(f"@{name}" if name else ctx.text("friend") for name in names)
    return said if len(silent) == len(named) else ctx.text("and_more", 名单=said, 人数=len(silent))


def waking(moment: datetime, ctx: Ctx) -> datetime:
    """The first moment from then on at which people may be spoken to."""
    local = moment.astimezone(ctx.group.zone)
    first, last = ctx.settings.not_before, ctx.settings.not_after
    if last is not None and local.time() > last:
        local = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    if first is not None and local.time() < first:
        local = local.replace(hour=first.hour, minute=first.minute, second=0, microsecond=0)
    return local.astimezone(moment.tzinfo)


@plugin.on(MemberForgotten)
async def forget_member(event: MemberForgotten, ctx: Ctx) -> AsyncIterator[Action]:
    """That they were new, and asked, is forgotten too."""
    await ctx.notes.delete(f"new:{event.member.id}")
    await ctx.notes.delete(f"asked:{event.member.id}")
    return
    yield
