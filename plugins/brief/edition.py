"""Plugin: the morning and the evening edition: put together, sent as text or as a picture, each once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.actions import Action, Compute, Purpose, SendImage, SendText
from bot.context import Context
from bot.events import ErrandDone, JobDue, TimerDue
from bot.model import Capability
from plugins.brief import told
from plugins.brief.block import Brief, assemble
from plugins.brief.blocks import news, quote
from plugins.brief.plugin import Settings, plugin

LATE = timedelta(hours=2)
PICTURE_BY = timedelta(minutes=2)
"""A picture that is not there by then is not waited for: the brief goes out as text."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Which of the two; `key` is its setting and the beginning of its texts."""

    key: str

    async def compose(self, ctx: Context[Settings], day: date) -> Brief:
        """What goes out on that day; the same however often it is asked at one moment."""
        settings = ctx.settings
        title, blocks, ending = (
            (settings.morning_title, settings.morning_blocks, settings.morning_ending)
            if self.key == "morning"
            else (settings.evening_title, settings.evening_blocks, settings.evening_ending)
        )
        brief = Brief(ctx.render(title), ctx.render(ending))
        await assemble(ctx, day, self.key, blocks, brief)
        return brief

    async def send(self, event: JobDue, ctx: Context[Settings]) -> AsyncIterator[Action]:
        day = event.due_at.astimezone(ctx.group.zone).date()
        brief = await self.compose(ctx, day)
        await self._remember(ctx, brief, day)
        if ctx.settings.form == "card" and Capability.IMAGE in ctx.capabilities:
            await ctx.notes.set(
                f"card:{self.key}", f"{event.due_at.isoformat()}\n{brief.text}", lasts=timedelta(days=1)
            )
            await ctx.timers.cancel(f"card:{self.key}")
            await ctx.timers.start(f"card:{self.key}", PICTURE_BY, payload={"edition": self.key})
            yield self.picture(ctx, brief, {})
        else:
            yield _out(ctx, event.due_at, brief.text)

    async def _remember(self, ctx: Context[Settings], brief: Brief, day: date) -> None:
        """Note what must not be told again."""
        if "news" in brief.names:
            keys = [one.key for one in await news.pick(ctx, day, self.key)]
            await told.tell(ctx.db, ctx.group.id, "news", keys, day, self.key)
        if "quote" in brief.names:
            key = told.quote_key(ctx.group.id, await quote.pick(ctx, day, self.key))
            await told.tell(ctx.db, ctx.group.id, "quote", [key], day, self.key)

    def picture(self, ctx: Context[Settings], brief: Brief, payload: Mapping[str, str]) -> Compute:
        """To be painted; the outcome comes back with the payload."""
        wanted = {"edition": self.key, "title": brief.title, "ending": brief.ending, "parts": brief.parts}
        known = {"edition": self.key, **payload}
        argument = json.dumps(wanted, ensure_ascii=False)
        return Compute(group=ctx.group.id, name="card", argument=argument, payload=tuple(sorted(known.items())))


MORNING, EVENING = Edition("morning"), Edition("evening")


@plugin.daily(lambda settings: settings.morning, name="morning", late=LATE)
async def send_morning(event: JobDue, ctx: Context[Settings]) -> AsyncIterator[Action]:
    async for action in MORNING.send(event, ctx):
        yield action


@plugin.daily(lambda settings: settings.evening, name="evening", late=LATE)
async def send_evening(event: JobDue, ctx: Context[Settings]) -> AsyncIterator[Action]:
    async for action in EVENING.send(event, ctx):
        yield action


@plugin.on(ErrandDone, when=lambda event: event.name == "card")
async def painted(event: ErrandDone, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """The picture is there, or cannot be made: then the text goes out. A preview goes to whoever asked."""
    if who := event.payload.get("who"):
        if event.path:
            yield SendImage(group=ctx.group.id, to=who, path=event.path, purpose=Purpose.REPLY)
        else:
            said = ctx.text("card_failed")
            yield SendText(group=ctx.group.id, to=who, text=said, purpose=Purpose.REPLY)
        return
    if (waiting := await _take(ctx, event.payload["edition"])) is not None:
        due_at, text = waiting
        yield _out(ctx, due_at, text, event.path)


@plugin.on(TimerDue, when=lambda event: event.name.startswith("card:"))
async def not_painted(event: TimerDue, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """The picture never came, or the bot died while it was painted."""
    if (waiting := await _take(ctx, event.payload["edition"])) is not None:
        due_at, text = waiting
        if ctx.now - due_at <= LATE:
            yield _out(ctx, due_at, text)


async def _take(ctx: Context[Settings], edition: str) -> tuple[datetime, str] | None:
    """The brief that waits for its picture, for whoever comes first; None when it has gone out."""
    kept = await ctx.notes.get(f"card:{edition}")
    if kept is None:
        return None
    await ctx.notes.delete(f"card:{edition}")
    await ctx.timers.cancel(f"card:{edition}")
    due_at, _, text = kept.partition("\n")
    return datetime.fromisoformat(due_at), text


def _out(ctx: Context[Settings], due_at: datetime, text: str, path: str = "") -> Action:
    """To the group, as long as it is still that hour's brief; quiet hours that hold it back do not count."""
    quiet = ctx.section("policy").quiet
    local = ctx.now.astimezone(ctx.group.zone)
    held = quiet.ends_after(local) - local if quiet is not None else timedelta(0)
    lasts = max(due_at + LATE - ctx.now, timedelta(0)) + max(held, timedelta(0))
    if path:
        return SendImage(group=ctx.group.id, path=path, purpose=Purpose.BROADCAST, lasts=lasts.total_seconds())
    return SendText(group=ctx.group.id, text=text, purpose=Purpose.BROADCAST, lasts=lasts.total_seconds())
