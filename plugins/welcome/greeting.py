"""Plugin: newcomers wait a moment for each other and are greeted together, each of them once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from bot.actions import Action, NotifyAdmins, SendImage, SendText
from bot.context import Context
from bot.events import MemberForgotten, MemberJoined, MemberLeft, TimerDue
from bot.model import Capability, Member
from bot.text import clean_name
from plugins.welcome.compose import Waiting, read_waiting, rules_text, say_names, short_text, whole_text
from plugins.welcome.plugin import Settings, plugin

_DAY = timedelta(days=1)


@plugin.on(MemberJoined)
async def wait_for_others(event: MemberJoined, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """Note the newcomer and see to it that a greeting is due: soon, or when the last one is a while ago."""
    if not ctx.settings.enabled:
        return
    back = await ctx.notes.get(f"left:{event.member.id}") is not None
    await ctx.notes.delete(f"left:{event.member.id}")
    if back and not await ctx.once(f"back:{event.member.id}", lasts=_DAY):
        # Who goes out and in all day is not greeted each time.
        return
    inviter = event.inviter.name if event.inviter else ""
    person = Waiting(event.member.id, event.at, back, inviter)
    await ctx.notes.set(f"waiting:{person.id}", person.written())
    soon, last = ctx.now + ctx.settings.delay, await ctx.notes.get("greeted_at")
    free = datetime.fromisoformat(last) + ctx.settings.window if last else soon
    await ctx.timers.start("greet", at=max(soon, free))
    return
    yield


@plugin.on(MemberLeft)
async def forget(event: MemberLeft, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """Who leaves before the greeting is not named; who was removed reads the whole rules when they come again."""
    greeted = not await ctx.notes.delete(f"waiting:{event.member.id}")
    if greeted and event.by is None:
        await ctx.notes.set(f"left:{event.member.id}", "1", lasts=ctx.settings.back_within)
    return
    yield


@plugin.on(TimerDue)
async def greet(event: TimerDue, ctx: Context[Settings]) -> AsyncIterator[Action]:
    waiting = read_waiting(await ctx.notes.all("waiting:"))
    for person in waiting:
        await ctx.notes.delete(f"waiting:{person.id}")
    if not ctx.settings.enabled:
        return
    present = {profile.id: profile.member for profile in await ctx.members.present()}
    here = [person for person in waiting if person.id in present]
    new = [present[person.id] for person in here if not person.back]
    back = [present[person.id] for person in here if person.back]
    most, said = ctx.settings.most_names, list[str]()
    if new:
        inviters = [person.inviter for person in here if not person.back]
        said.append(whole_text(ctx, ctx.settings, say_names(ctx, new, most), inviters))
    if back:
        said.append(short_text(ctx, ctx.settings, say_names(ctx, back, most)))
    if said:
        await ctx.notes.set("greeted_at", ctx.now.isoformat(), lasts=ctx.settings.window)
        yield SendText(group=ctx.group.id, text="\n".join(said), mentions=(*new[:most], *back[:most]))
    if new:
        async for extra in _besides(ctx, new[:most]):
            yield extra


async def _besides(ctx: Context[Settings], new: Sequence[Member]) -> AsyncIterator[Action]:
    """The picture, once for all of them, and each one's own copy of the rules."""
    if path := ctx.picture(ctx.settings.picture):
        yield SendImage(group=ctx.group.id, path=path)
    elif ctx.settings.picture and await ctx.once(f"lost:{ctx.settings.picture}", lasts=timedelta(days=1)):
        yield NotifyAdmins(group=ctx.group.id, text=ctx.text("picture_lost", 文件=ctx.settings.picture))
    if ctx.settings.private_rules and Capability.PRIVATE in ctx.capabilities:
        for member in new:
            if text := rules_text(ctx, ctx.settings, clean_name(member.name)):
                yield SendText(group=ctx.group.id, to=member.id, text=text)


@plugin.on(MemberForgotten)
async def forget_member(event: MemberForgotten, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """That they had left once is forgotten too."""
    await ctx.notes.delete(f"left:{event.member.id}")
    return
    yield
