"""Plugin: topic: what is said in a question hour: questions, answers, and what people quote; not what is taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action
from bot.events import CaseOpened, MessageRecalled, MessageReceived
from bot.fold import fold
from bot.model import Kind
from bot.question import is_question
from bot.text import clean_name
from plugins.topic import store
from plugins.topic.plugin import Ctx, plugin
from plugins.topic.store import Hour

_LONGEST = 200
_KEPT = timedelta(days=2)
"""Longer than from the hour to its recap; until then one person's quotes of a message count once."""


def _may_matter(event: MessageReceived) -> bool:
    if not event.group or event.kind is not Kind.TEXT:
        return False
    return event.quote is not None or "?" in event.text or "？" in event.text


@plugin.on(MessageReceived, when=_may_matter)
async def hear(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    """Collect questions while the hour is open, and quotes until its recap."""
    no = await _current(ctx)
    hour = await store.hour(ctx.db, ctx.group.id, no) if no else None
    if hour is None:
        return
    if event.quote is not None:
        await _count(event, ctx, hour)
    if hour.state == "open" and event.quote is None and is_question(event.text):
        name = clean_name(event.sender.name, 12)
        await store.ask(ctx.db, ctx.group.id, hour.no, event.id, name, event.text[:_LONGEST], event.at)
    for _ in ():
        yield _


async def _current(ctx: Ctx) -> int:
    """The hour that is open or waits for its recap, 0 for none; read once a process, then from memory."""
    if ctx.group.id not in ctx.memory:
        found = await store.newest_hours(ctx.db, ctx.group.id, "open", "closed")
        ctx.memory[ctx.group.id] = found[0].no if found else 0
    known: int = ctx.memory[ctx.group.id]
    return known


async def _count(event: MessageReceived, ctx: Ctx, hour: Hour) -> None:
    """A quoted question has been answered once more; any other quoted message is worth quoting once more."""
    quote = event.quote
    assert quote is not None
    folded = fold(quote.text[:_LONGEST])
    for one in await store.asked_in(ctx.db, ctx.group.id, hour.no):
        if one.message == quote.id or (not quote.id and fold(one.text) == folded):
            await store.answered(ctx.db, ctx.group.id, hour.no, one.message)
            return
    source = await ctx.archive.get(quote.id) if quote.id else None
    author = source.sender_id if source else quote.sender
    if author == event.sender.id or not folded.strip() or is_question(quote.text):
        return
    profile = await ctx.members.get(author) if author else None
    if source is not None and source.at < hour.begins_at:
        return
    if quote.id and quote.id in {case.message_id for case in await ctx.cases.recent(200)}:
        return
    name = clean_name(profile.name, 12) if profile else clean_name(quote.sender, 12) or "？"
    key = quote.id or f"text:{folded}"
    if not await ctx.once(f"quoted:{hour.no}:{key}:{event.sender.id}", lasts=_KEPT):
        return
    await store.count_quote(ctx.db, ctx.group.id, hour.no, key, name, quote.text[:_LONGEST])


@plugin.on(MessageRecalled, when=lambda event: bool(event.group))
async def taken_back(event: MessageRecalled, ctx: Ctx) -> AsyncIterator[Action]:
    """What its author took back is not repeated."""
    if no := await _current(ctx):
        await store.leave_out(ctx.db, ctx.group.id, no, event.message_id)
    for _ in ():
        yield _


@plugin.on(CaseOpened)
async def breached(event: CaseOpened, ctx: Ctx) -> AsyncIterator[Action]:
    """Nor is an advertisement, however often it was quoted."""
    if event.message_id and (no := await _current(ctx)):
        await store.leave_out(ctx.db, ctx.group.id, no, event.message_id)
    for _ in ():
        yield _
