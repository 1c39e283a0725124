"""Plugin: who has just introduced themselves puts a field right in their own words, without a command."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot.actions import Action
from bot.context import Context
from bot.events import MessageReceived
from bot.model import Kind
from plugins.introduction import store
from plugins.introduction.correction import Correction, may_correct, read_correction
from plugins.introduction.introduction import LONGEST, Introduction
from plugins.introduction.listen import say
from plugins.introduction.plugin import Settings, plugin

WITHIN = timedelta(minutes=10)
"""How long after it was kept or put right an introduction is put right by a word."""
_TO_BOT = re.compile(r"^[@＠]\S+[\s\u2005]+")
_ASKS = re.compile(r"[?？]|[吗哪谁]|什么|几")


def concerns(event: MessageReceived) -> bool:
    """Asked of every message, so it looks at nothing but the text."""
    if event.kind is not Kind.TEXT or event.group == "" or event.mentions:
        return False
    return may_correct(_text(event))


def _text(event: MessageReceived) -> str:
    return _TO_BOT.sub("", event.text) if event.mentions_bot else event.text


@plugin.on(MessageReceived, when=concerns)
async def put_right(event: MessageReceived, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """The field changes and one short line says so; what does not clearly correct one changes nothing."""
    said = read_correction(_text(event)) if ctx.settings.enabled else None
    kept = await store.kept(ctx.db, ctx.group.id, event.sender.id) if said else None
    if said is None or kept is None or ctx.now - kept[1] > WITHIN:
        return
    before, since = kept
    changed = {slot: value[:LONGEST] for slot, value in said.applied(before).items()}
    if not changed or not await _is_meant(said, before, since, event, ctx):
        return
    now = replace(before, **changed)
    await store.put(ctx.db, ctx.group.id, event.sender.id, now, ctx.now)
    # What waits to be confirmed is confirmed by this line.
    await ctx.timers.cancel(f"confirm:{event.sender.id}")
    yield ctx.reply(event, ctx.text("changed", 名片=say(ctx, now)))


async def _is_meant(
    said: Correction, before: Introduction, since: datetime, event: MessageReceived, ctx: Context[Settings]
) -> bool:
    """Whether it is about the introduction, where the words alone leave that open."""
    if event.quote is not None:
        # An answer to somebody is about what they said; one to the bot's line or their own is about themselves.
        return event.quote.sender == event.sender.id or say(ctx, before) in event.quote.text
    if said.own or event.mentions_bot:
        return True
    heard = await ctx.archive.between(since, ctx.now + timedelta(seconds=1))
    others = [each.text for each in heard if each.sender_id != event.sender.id]
    if not said.wrong:
        return not others
    return not any(_ASKS.search(text) or said.wrong in text or said.right in text for text in others)
