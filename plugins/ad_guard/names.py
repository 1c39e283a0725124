"""Plugin: ad_guard: nicknames that advertise, on joining, on change and once a day; members never see it said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta

from bot.actions import Action, NotifyAdmins, OpenCase
from bot.events import JobDue, MemberJoined, MemberRenamed, TimerDue
from bot.model import Member, Role, Signal
from bot.text import clip
from plugins.ad_guard.guard import plugin
from plugins.ad_guard.judge import judge
from plugins.ad_guard.memory import NAMES, Ctx, Memory, recall
from plugins.ad_guard.message import Judgement, Message

GATHER = timedelta(minutes=10)
"""Names met within this time are told in one notice."""
SHOWN = 10
CASES_AT_ONCE = 5
"""More people are not written to at once; the others are listed for the admins."""
_TOLD, _NEW, _TIMER = "named:", "name:", "names"


@plugin.on(MemberJoined)
async def on_join(event: MemberJoined, ctx: Ctx) -> AsyncIterator[Action]:
    for action in await _look_at(event.member, ctx):
        yield action


@plugin.on(MemberRenamed)
async def on_rename(event: MemberRenamed, ctx: Ctx) -> AsyncIterator[Action]:
    """A new name: perhaps an ad, perhaps the end of a case about the old one."""
    for case in await ctx.cases.open_of(event.member.id):
        if case.plugin == ctx.plugin and case.verdict == "name" and not await _advertises(event.member.name, ctx):
            await ctx.cases.settle(case.no, "closed", note="renamed")
    for action in await _look_at(event.member, ctx):
        yield action


async def _look_at(member: Member, ctx: Ctx) -> list[Action]:
    if ctx.settings.names == "off" or not ctx.settings.enabled or not await _is_news(member, ctx):
        return []
    if ctx.settings.names == "act":
        await ctx.notes.set(f"{_TOLD}{member.id}", member.name)
        return [await _case(member, ctx)]
    await ctx.notes.set(f"{_NEW}{member.id}", member.name)
    await ctx.timers.start(_TIMER, GATHER)
    return []


async def _is_news(member: Member, ctx: Ctx) -> bool:
    """Whether the name advertises and nobody was told of it yet."""
    if member.role >= Role.HELPER or not await _advertises(member.name, ctx):
        return False
    if await ctx.members.is_exempt(member.id):
        return False
    return await ctx.notes.get(f"{_TOLD}{member.id}") != member.name


async def _advertises(name: str, ctx: Ctx) -> bool:
    memory = await recall(ctx)
    score = memory.names.get(name)
    if score is None:
        score = _judged(name, ctx).score
        memory.names[name] = score
        if len(memory.names) > NAMES:
            memory.names.popitem(last=False)
    return score >= ctx.settings.warn_at


def _judged(name: str, ctx: Ctx) -> Judgement:
    return judge(Message(text=name[:64]), ctx.settings.plain)


async def _case(member: Member, ctx: Ctx) -> OpenCase:
    judged = _judged(member.name, ctx)
    name = Signal("nickname", f"昵称像广告：{clip(member.name, 60)}", 0.6)
    signals = (name, *judged.signals[:4])
    return OpenCase(group=ctx.group.id, member=member, verdict="name", signals=signals, text=member.name)


@plugin.on(TimerDue)
async def tell(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    """What was gathered, in one notice."""
    if event.name != _TIMER:
        return
    waiting = await ctx.notes.all(_NEW)
    for key in waiting:
        await ctx.notes.delete(key)
    found = [Member(key.removeprefix(_NEW), name) for key, name in waiting.items()]
    for action in await _notice([member for member in found if await _is_news(member, ctx)], ctx):
        yield action


@plugin.daily(lambda settings: settings.names_at, name="names", late=timedelta(hours=12))
async def scan(event: JobDue, ctx: Ctx) -> AsyncIterator[Action]:
    """Everybody's name, once a day."""
    settings, memory = ctx.settings, await recall(ctx)
    if settings.names == "off" or not settings.enabled:
        return
    people = [profile.member for profile in await ctx.members.present() if _may_advertise(profile.name, memory, ctx)]
    found = [member for member in people if await _is_news(member, ctx)]
    if settings.names == "act":
        for member in found[:CASES_AT_ONCE]:
            await ctx.notes.set(f"{_TOLD}{member.id}", member.name)
            yield await _case(member, ctx)
        found = found[CASES_AT_ONCE:]
    for action in await _notice(found, ctx):
        yield action


def _may_advertise(name: str, memory: Memory, ctx: Ctx) -> bool:
    """False for a name known to be harmless; the others are judged."""
    return memory.names.get(name, 1.0) >= ctx.settings.warn_at


async def _notice(members: Iterable[Member], ctx: Ctx) -> list[Action]:
    """One notice about them all, each name told once."""
    found = list(members)
    if not found:
        return []
    for member in found:
        await ctx.notes.set(f"{_TOLD}{member.id}", member.name)
    names = "\n".join(clip(member.name, 40) for member in found[:SHOWN])
    more = ctx.text("names_more", 数量=len(found) - SHOWN) if len(found) > SHOWN else ""
    return [NotifyAdmins(group=ctx.group.id, text=ctx.text("names", 数量=len(found), 名单=names + more))]
