"""Plugin: wave_guard: a wave begins, goes on and ends by itself; meanwhile newcomers' links are held up."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action, NotifyAdmins, OpenCase
from bot.events import MemberJoined, MessageReceived, TimerDue
from bot.fold import fold
from bot.model import Kind, Signal
from bot.text import clean_name, clip
from plugins.wave_guard.plugin import Ctx, plugin
from plugins.wave_guard.wave import MINUTE, Lately, Wave, read_wave

END, WAVE = "end", "wave"
BY_HAND = timedelta(days=1)
"""Who is a newcomer when an admin, not a wave, has switched strictness on."""
MOST_NAMED = 3
LOOKED_AT = 300
_RISKY = frozenset({Kind.LINK, Kind.CARD, Kind.MINIPROGRAM, Kind.FILE, Kind.RECORD})
_HINT = re.compile(r"[0-9A-Za-z０-９Ａ-Ｚａ-ｚ_-]{5}|[:：][/／]|www")
"""Asked of every message: most have nothing of the kind."""
_CONTACT = re.compile(r"https?:|www\.|[0-9]{5,}|[a-z][a-z0-9_-]{5,}[0-9][a-z0-9_-]*")


@plugin.on(MemberJoined)
async def count(event: MemberJoined, ctx: Ctx) -> AsyncIterator[Action]:
    """One more; the one too many begins a wave or keeps it going."""
    settings = ctx.settings
    if not settings.enabled:
        return
    inviter = event.inviter.id if event.inviter else ""
    lately: Lately = ctx.memory.setdefault(ctx.group.id, Lately())
    lately.add(event.at, event.member.id, inviter)
    wave = await current(ctx)
    exceeds = lately.exceeds(settings.per_minute, settings.per_inviter)
    if wave is None and not exceeds:
        return
    begins = wave is None
    if wave is None:
        wave = Wave(lately.began_at, settings.strict)
        for person, (_, by) in lately.joins.items():
            await _add(ctx, wave, person, by)
        await ctx.group_settings.set("wave_guard.strict", True, by=plugin.name)
    else:
        await _add(ctx, wave, event.member.id, inviter)
    await ctx.notes.set(WAVE, wave.written())
    if exceeds:
        await ctx.timers.cancel(END)
        await ctx.timers.start(END, settings.calm)
    if begins:
        about = {"人数": len(lately.joins), "谁": await brought(ctx, wave), "时长": ctx.say_duration(settings.calm)}
        text = ctx.text("began", **about)
        yield NotifyAdmins(group=ctx.group.id, text=text)


async def _add(ctx: Ctx, wave: Wave, person: str, inviter: str) -> None:
    """One more, unless they came in this wave already."""
    if await ctx.once(f"came:{wave.began_at.isoformat()}:{person}", lasts=BY_HAND):
        wave.add(inviter)


async def current(ctx: Ctx) -> Wave | None:
    kept = await ctx.notes.get(WAVE)
    return None if kept is None else read_wave(kept)


async def brought(ctx: Ctx, wave: Wave) -> str:
    """`（小李 拉了 9 人）`, empty when nobody knows who brought them."""
    named = []
    for member, people in wave.by.most_common(MOST_NAMED):
        profile = await ctx.members.get(member)
        name = clean_name(profile.name) if profile is not None else ""
        named.append(ctx.text("brought", 昵称=name or ctx.text("unnamed"), 人数=people))
    return ctx.text("by", 名单="、".join(named)) if named else ""


@plugin.on(TimerDue)
async def calm_down(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    """Long enough nothing: as it was before, with a word about what it came to."""
    wave = await current(ctx)
    if wave is None:
        return
    await finish(ctx, wave, plugin.name)
    key = "ended_still_strict" if wave.before else "ended"
    text = ctx.text(key, 人数=wave.count, 谁=await brought(ctx, wave))
    yield NotifyAdmins(group=ctx.group.id, text=text)


async def finish(ctx: Ctx, wave: Wave, by: str) -> None:
    await ctx.notes.delete(WAVE)
    await ctx.timers.cancel(END)
    if not wave.before and ctx.settings.strict:
        await ctx.group_settings.set("wave_guard.strict", False, by=by)


def _may_be_risky(event: MessageReceived) -> bool:
    if event.kind is Kind.TEXT:
        return bool(event.group) and _HINT.search(event.text[:LOOKED_AT]) is not None
    return bool(event.group) and (event.kind in _RISKY or bool(event.findings))


def _is_risky(event: MessageReceived) -> bool:
    return event.kind is not Kind.TEXT or _CONTACT.search(fold(event.text[:LOOKED_AT])) is not None


@plugin.guard(MessageReceived, when=_may_be_risky)
async def watch(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    """While newcomers are looked at strictly, their links, cards, codes and contacts are a case, whatever they say."""
    if not ctx.settings.strict or not _is_risky(event):
        return
    profile = await ctx.members.get(event.sender.id)
    wave = await current(ctx)
    since = wave.began_at - MINUTE if wave is not None else ctx.now - BY_HAND
    if profile is None or profile.joined_at is None or profile.joined_at < since:
        return
    ctx.stop()
    said = clip(event.text or event.title or event.url, 80)
    reason = Signal("wave_newcomer", ctx.text("reason", 原文=said), 0.6)
    text = "\n".join(part for part in (event.title, event.text, event.url) if part)[:500]
    yield OpenCase(
        group=event.group, member=event.sender, verdict="suspect", signals=(reason,), message_id=event.id, text=text
    )
