"""Plugin: digest: one window a day, each beginning where the last one ended, whatever happened in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

from bot.actions import Action, Ask, Purpose, SendText
from bot.events import ErrandDone, JobDue, MessageRecalled, TimerDue
from plugins.digest import store
from plugins.digest.compute import Digest
from plugins.digest.gather import RECALLED, computation
from plugins.digest.phrase import SYSTEM, cited, material
from plugins.digest.plugin import Ctx, plugin
from plugins.digest.say import brief_block, digest_text
from plugins.digest.store import Window

_LATE = timedelta(hours=2)
_FIRST = timedelta(days=1)
"""What the first window of a group speaks about; what is older belongs to it and is not news."""
_BACK = timedelta(days=3)
"""A message may come so much late, or the bot have been away so long, and still be read."""
_PATIENCE = timedelta(minutes=2)
_ATTEMPTS = 3


@plugin.daily(lambda settings: settings.at, name="close", late=_LATE)
async def close(event: JobDue, ctx: Ctx) -> AsyncIterator[Action]:
    before = await store.last(ctx.db, ctx.group.id)
    no, after = (before.no + 1, before.upto_no) if before else (1, 0)
    since = before.closed_at - _BACK if before else ctx.now - _FIRST
    said = await ctx.archive.taken_in(after, since=since, limit=1)
    await store.close(ctx.db, ctx.group.id, no, after, said[-1].no if said else after, ctx.now)
    window = await store.get(ctx.db, ctx.group.id, no)
    assert window is not None
    yield await _read(ctx, window)


async def _read(ctx: Ctx, window: Window) -> Action:
    """Have a closed window read; if nothing comes of it, again in a while."""
    before = await store.get(ctx.db, ctx.group.id, window.no - 1)
    since = before.closed_at - _BACK if before else window.closed_at - _FIRST
    said = await ctx.archive.taken_in(window.after_no, since=since)
    await store.change(ctx.db, ctx.group.id, window.no, attempts=window.attempts + 1)
    await ctx.timers.start(f"window:{window.no}", after=_PATIENCE, payload={"no": str(window.no)})
    inside = [one for one in said if one.no <= window.upto_no]
    return await computation(ctx, inside, {"for": "window", "no": str(window.no)})


@plugin.on(TimerDue)
async def look_again(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    """The errand was lost with the process, or the model did not answer."""
    window = await store.get(ctx.db, ctx.group.id, int(event.payload["no"]))
    if window is None:
        return
    if window.state == "phrasing":
        async for action in finish(ctx, window, ""):
            yield action
    elif window.state == "open" and window.attempts < _ATTEMPTS:
        yield await _read(ctx, window)
    elif window.state == "open":
        await store.change(ctx.db, ctx.group.id, window.no, state="failed")


@plugin.on(ErrandDone, when=lambda event: event.payload.get("for") == "window")
async def read(event: ErrandDone, ctx: Ctx) -> AsyncIterator[Action]:
    window = await store.get(ctx.db, ctx.group.id, int(event.payload["no"]))
    if window is None:
        return
    if event.name == "phrase" and window.state == "phrasing":
        said = cited(event.text, Digest.load(window.digest)) if not event.error else ""
        async for action in finish(ctx, window, said):
            yield action
    elif event.name == "summarise" and window.state == "open" and not event.error:
        digest = Digest.load(event.text)
        await store.learn(ctx.db, ctx.group.id, window.no, digest.words)
        await store.change(ctx.db, ctx.group.id, window.no, digest=event.text, state="phrasing")
        if ctx.settings.model and not digest.is_empty:
            yield Ask(
                group=ctx.group.id,
                name="phrase",
                payload=(("for", "window"), ("no", str(window.no))),
                system=SYSTEM,
                question=material(digest),
            )
            return
        fresh = await store.get(ctx.db, ctx.group.id, window.no)
        assert fresh is not None
        async for action in finish(ctx, fresh, ""):
            yield action


async def finish(ctx: Ctx, window: Window, phrased: str) -> AsyncIterator[Action]:
    await ctx.timers.cancel(f"window:{window.no}")
    await store.change(ctx.db, ctx.group.id, window.no, state="done", phrased=phrased)
    digest = Digest.load(window.digest)
    if ctx.settings.post and not digest.is_empty and ctx.now - window.closed_at <= _LATE:
        text = digest_text(ctx, digest, ctx.text("title_today"), phrased)
        yield SendText(group=ctx.group.id, text=text, purpose=Purpose.BROADCAST)


async def _of_day(ctx: Ctx, day: date) -> Digest | None:
    window = await store.last(ctx.db, ctx.group.id)
    if window is None or window.state != "done" or window.closed_at.astimezone(ctx.group.zone).date() != day:
        return None
    return Digest.load(window.digest)


@plugin.block("digest", "摘要")
async def digest_block(ctx: Ctx, day: date, edition: str) -> str:
    found = await _of_day(ctx, day) if edition == "evening" and not ctx.settings.post else None
    window = await store.last(ctx.db, ctx.group.id)
    return brief_block(ctx, found, window.phrased if window else "") if found else ""


@plugin.block("unanswered", "待回答")
async def unanswered_block(ctx: Ctx, day: date, edition: str) -> str:
    found = await _of_day(ctx, day) if edition == "evening" and not ctx.settings.post else None
    lines = found.lines["questions"] if found else ()
    said = [ctx.text("line", 时间=line.at, 昵称=line.who, 内容=line.text) for line in lines]
    return "\n".join([ctx.text("head_questions"), *said]) if said else ""


@plugin.on(MessageRecalled, when=lambda event: bool(event.group))
async def forget(event: MessageRecalled, ctx: Ctx) -> AsyncIterator[Action]:
    """What somebody took back is not repeated."""
    await ctx.notes.set(RECALLED + event.message_id, "1", lasts=_BACK)
    for _ in ():
        yield _
