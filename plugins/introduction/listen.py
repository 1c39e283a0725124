"""Plugin: a newcomer's first introduction is understood without a command, in one message or in a few short ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from datetime import timedelta

from bot.actions import Action, Purpose, SendText
from bot.context import Context
from bot.events import MessageReceived, TimerDue
from bot.model import Kind
from bot.text import clean_name, clip
from plugins.introduction import store
from plugins.introduction.fact import first_time
from plugins.introduction.introduction import Introduction
from plugins.introduction.plugin import Settings, plugin
from plugins.introduction.recognise import may_introduce, recognise
from plugins.introduction.together import may_continue, recognise_together

SHORT = 16
"""Characters of one field that are repeated to the group; all of it is kept."""
TOGETHER = timedelta(minutes=3)
"""What one person says within this time may be one introduction."""
DAY = timedelta(days=1)
"""A changed introduction is taken and answered once in this time."""
MOST_PIECES = 5
PAUSE = timedelta(seconds=20)
"""How long nothing more must come before an introduction in several messages is confirmed, in one line."""


def concerns(event: MessageReceived) -> bool:
    """Asked of every message, so it looks at nothing but the text."""
    if event.kind is not Kind.TEXT or event.group == "":
        return False
    return may_introduce(event.text) or may_continue(event.text)


@plugin.on(MessageReceived, when=concerns)
async def listen(event: MessageReceived, ctx: Context[Settings]) -> AsyncIterator[Action]:
    if not (ctx.settings.enabled and await _is_newcomer(event.sender.id, ctx)):
        return
    kept = await store.kept(ctx.db, ctx.group.id, event.sender.id)
    if kept is not None:
        before, updated_at = kept
        if ctx.now - updated_at <= TOGETHER:
            if await _add(event, before, ctx):
                await _confirm_soon(event, ctx)
        elif now := await _renew(event, before, ctx):
            yield ctx.reply(event, ctx.text("noted", 名片=say(ctx, now)))
        return
    found, at_once = recognise(event.text), True
    if found is None:
        found, at_once = recognise_together(await _pieces(event, ctx)), False
    if found is None:
        return
    await store.put(ctx.db, ctx.group.id, event.sender.id, found, ctx.now)
    if at_once:
        yield ctx.reply(event, ctx.text("noted", 名片=say(ctx, found)))
    else:
        await _confirm_soon(event, ctx)
    async for fact in first_time(event.sender, ctx):
        yield fact


async def _add(event: MessageReceived, before: Introduction, ctx: Context[Settings]) -> bool:
    """Whether what follows an introduction tells more of the same person; then it is kept as well."""
    more = recognise_together(await _pieces(event, ctx))
    if more is None or (before.name and more.name != before.name):
        return False
    said = {field: value for field, value in asdict(more).items() if value and not getattr(before, field)}
    if said:
        await store.put(ctx.db, ctx.group.id, event.sender.id, replace(before, **said), ctx.now)
    return bool(said)


async def _renew(event: MessageReceived, before: Introduction, ctx: Context[Settings]) -> Introduction | None:
    """Who introduces themselves once more has moved, or tells it better; the same again is kept without a word."""
    said = recognise(event.text)
    if said is None or (before.name and said.name and said.name != before.name):
        return None
    now = replace(before, **{field: value for field, value in asdict(said).items() if value})
    if now == before or not await ctx.once(f"renewed:{event.sender.id}", lasts=DAY):
        return None
    await store.put(ctx.db, ctx.group.id, event.sender.id, now, ctx.now)
    return now


async def _pieces(event: MessageReceived, ctx: Context[Settings]) -> list[str]:
    """What they said just now, oldest first, this message last; commands are no part of it."""
    lately = await ctx.archive.last_of(event.sender.id, MOST_PIECES, since=ctx.now - TOGETHER)
    prefixes = tuple(ctx.commands.prefixes)
    said = [each.text for each in reversed(lately) if each.id != event.id and each.kind == Kind.TEXT]
    return [text for text in (*said, event.text) if not text.startswith(prefixes)]


async def _confirm_soon(event: MessageReceived, ctx: Context[Settings]) -> None:
    name = f"confirm:{event.sender.id}"
    await ctx.timers.cancel(name)
    await ctx.timers.start(name, PAUSE, payload={"member": event.sender.id})


@plugin.on(TimerDue)
async def confirm(event: TimerDue, ctx: Context[Settings]) -> AsyncIterator[Action]:
    profile = await ctx.members.get(event.payload["member"])
    found = await store.get(ctx.db, ctx.group.id, event.payload["member"])
    if found is None or profile is None or not profile.present:
        return
    text = f"@{clean_name(profile.name)} {ctx.text('noted', 名片=say(ctx, found))}"
    yield SendText(group=ctx.group.id, text=text, mentions=(profile.member,), purpose=Purpose.REPLY)


async def _is_newcomer(member_id: str, ctx: Context[Settings]) -> bool:
    """Asked before the text is read: the roster is in memory, and reading costs a tenth of a millisecond."""
    profile = await ctx.members.get(member_id)
    joined_at = profile.joined_at if profile else None
    return joined_at is not None and ctx.now - joined_at <= ctx.settings.newcomer


def say(ctx: Context[Settings], found: Introduction) -> str:
    """One line: `李娜｜郑州｜餐饮｜需要 供应商｜能提供 团餐`."""
    parts = [_clip(value) for value in (found.name, found.region, found.job) if value]
    for field in ("needs", "offers", "hobbies"):
        if value := getattr(found, field):
            parts.append(ctx.text(f"said_{field}", 内容=_clip(value)))
    return "｜".join(parts)


def _clip(value: str) -> str:
    """English takes half the room a letter."""
    return clip(value, SHORT * (2 if value.isascii() else 1))
