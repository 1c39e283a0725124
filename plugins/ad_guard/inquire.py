"""Plugin: ad_guard: what is asked about a sender once their message looks like an ad; the file is read only then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.context import ArchivedMessage, Case
from bot.events import MessageReceived
from bot.fold import fold, tighten
from bot.model import Kind
from plugins.ad_guard.hearing import Hearing, hear
from plugins.ad_guard.judge import judge
from plugins.ad_guard.lesson import SHORTEST, Lesson
from plugins.ad_guard.memory import Ctx, recall
from plugins.ad_guard.message import JudgeContext, Message
from plugins.ad_guard.near import NEAR, likeness, sketch_text
from plugins.ad_guard.standing import Standing
from plugins.ad_guard.trail import Copies

SHORT = 120
TOGETHER = 5
"""At most so many short messages of one sender are judged as one text."""
LATELY = timedelta(days=30)
LOOKED_AT = 40
"""Messages of a sender that are read to learn whether they talk like anybody else."""
WARNED_LATELY = timedelta(days=7)
TIME_TO_READ = timedelta(seconds=30)
"""Who posts again so soon after a case was opened may not have seen the warning yet."""
_FORGIVEN = frozenset({"undone", "dropped", "withdrawn", "open"})


async def inquire(
    event: MessageReceived, message: Message, copies: Copies, lesson: Lesson | None, quoting: bool, ctx: Ctx
) -> Hearing:
    """The hearing of a message that may be an ad, with as much about its sender as it takes to judge it.

    quoting: whether it carries somebody else's words.
    """
    settings = ctx.settings
    standing = Standing(copies, enough=settings.ordinary_messages, lesson=lesson)
    hearing = Hearing((message,), await _context(event, quoting, ctx), standing, settings.act_needs_context)
    if hear(hearing).verdict == "pass":
        if lesson is not None:
            return hearing
        hearing = await _with_pieces(hearing, event, ctx)
        if len(hearing.messages) == 1 or hear(hearing).verdict == "pass":
            return hearing
    ordinary = await _ordinary(event, message, ctx)
    warned = any(_was_warned(case, ctx) for case in await ctx.cases.of(event.sender.id, since=ctx.now - WARNED_LATELY))
    return replace(hearing, standing=replace(standing, ordinary=ordinary, warned_before=warned))


async def _with_pieces(hearing: Hearing, event: MessageReceived, ctx: Ctx) -> Hearing:
    """With what the sender said just before, and what admins taught about it all as one text."""
    pieces = await _pieces(event, hearing.messages[-1], ctx)
    if not pieces:
        return hearing
    whole = sketch_text("\n".join([*(piece.text for piece in pieces), event.text]), SHORTEST)
    lesson = (await recall(ctx)).lessons.about(event.group, whole) if whole is not None else None
    standing = replace(hearing.standing, lesson=lesson)
    return replace(hearing, messages=(*pieces, *hearing.messages), standing=standing)


async def _context(event: MessageReceived, quoting: bool, ctx: Ctx) -> JudgeContext:
    """Since when they are here and what they have said; of a newcomer only what is long enough to be talk."""
    settings = ctx.settings
    profile = await ctx.members.get(event.sender.id)
    if profile is None:
        return settings.plain
    days = None if profile.joined_at is None else (ctx.now - profile.joined_at) / timedelta(days=1)
    before = max(profile.message_count - 1, 0)
    if profile.joined_at is not None and days is not None and days < settings.newcomer_days and before < LOOKED_AT:
        said = await ctx.archive.last_of(event.sender.id, LOOKED_AT, since=profile.joined_at)
        before = sum(_is_talk(each, event, settings.newcomer_shortest) for each in said)
    return replace(settings.context(days, before), quoting=quoting)


def _is_talk(said: ArchivedMessage, event: MessageReceived, shortest: int) -> bool:
    return said.id != event.id and said.kind == Kind.TEXT and len(tighten(fold(said.text[:200]))) >= shortest


async def _pieces(event: MessageReceived, message: Message, ctx: Ctx) -> Sequence[Message]:
    """The sender's last short messages, which may be parts of one ad; none from before a case that was about them."""
    within = ctx.settings.join_within
    if not within or event.kind is not Kind.TEXT or len(event.text) > SHORT:
        return ()
    since = ctx.now - within
    pieces = [
        said
        for said in reversed(await ctx.archive.last_of(event.sender.id, TOGETHER, since=since))
        if said.kind == Kind.TEXT and said.id != event.id and len(said.text) <= SHORT
    ]
    if not pieces:
        return ()
    cases = [case for case in await ctx.cases.of(event.sender.id, since=since) if case.plugin == ctx.plugin]
    heard = max((case.opened_at for case in cases), default=since)
    return tuple(
        Message(text=said.text, sender_name=message.sender_name) for said in pieces if not cases or said.at > heard
    )


async def _ordinary(event: MessageReceived, message: Message, ctx: Ctx) -> int:
    """How many ordinary things they said lately, counted up to enough: no commands, no ads, no copies of this."""
    enough, found = ctx.settings.ordinary_messages, 0
    prefixes = tuple(ctx.commands.prefixes)
    here = tighten(fold(message.text))
    said = await ctx.archive.last_of(event.sender.id, LOOKED_AT, since=ctx.now - LATELY) if enough else ()
    for each in said:
        if found == enough:
            break
        if not _is_talk(each, event, ctx.settings.newcomer_shortest) or each.text.startswith(prefixes):
            continue
        plain = judge(Message(text=each.text), ctx.settings.plain).verdict == "pass"
        found += plain and likeness(tighten(fold(each.text)), here) < NEAR
    return found


def _was_warned(case: Case, ctx: Ctx) -> bool:
    mine = case.plugin == ctx.plugin and case.verdict in ("ad", "suspect")
    return mine and case.state not in _FORGIVEN and case.opened_at < ctx.now - TIME_TO_READ
