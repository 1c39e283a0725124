"""Plugin: broadcast: what became of it in each group, told when asked and once at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from bot.actions import Action, Purpose, SendText
from bot.events import SendSettled
from bot.text import clip
from plugins.broadcast import store
from plugins.broadcast.audience import listed
from plugins.broadcast.plugin import Ctx, plugin
from plugins.broadcast.store import End, Round, Send

_SAID = {
    "dry": "is_dry", "capability": "no_right", "shadow": "is_dry",
    End.EXPIRED: "too_late", End.FAILED: "failed",
}  # fmt: skip


@plugin.on(SendSettled)
async def settled(event: SendSettled, ctx: Ctx) -> AsyncIterator[Action]:
    """Note it; after the last group whoever ordered it hears how it went."""
    no = int(event.tag.removeprefix("B"))
    await store.settle(ctx.db, no, event.group, event.outcome, event.error, ctx.now)
    all_of_it = await store.of_round(ctx.db, no)
    one = await store.get(ctx.db, no)
    if one is None or any(send.state == store.WAITING for send in all_of_it) or not await store.tell_once(ctx.db, no):
        return
    text = tell(ctx, one, all_of_it)
    if one.place:
        yield SendText(group=one.place, text=text, purpose=Purpose.REPLY)
    elif not one.by.startswith("console:"):
        yield SendText(group=event.group, to=one.by, text=text, purpose=Purpose.REPLY)


def tell(ctx: Ctx, one: Round, sent: Sequence[Send]) -> str:
    """The report: when, by whom, and the groups by what became of it."""
    at = ctx.say_moment(one.began_at)
    lines = [
        ctx.text("report", 编号=one.no, 时间=at, 谁=clip(one.by_name, 16), 群数=len(sent), 内容=clip(one.text, 20))
    ]
    for state in (End.DONE, store.WAITING, End.UNKNOWN, End.WITHDRAWN):
        names = [send.topic for send in sent if send.state == state]
        if names:
            lines.append(ctx.text(f"line_{state}", 群数=len(names), 名单=listed(ctx, names)))
    lost = [send for send in sent if send.state in (End.FAILED, End.EXPIRED, End.REFUSED)]
    if lost:
        names = [f"{send.topic}（{_why(ctx, send)}）" for send in lost]
        lines.append(ctx.text("line_failed", 群数=len(lost), 名单=listed(ctx, names)))
    return "\n".join(lines)


def _why(ctx: Ctx, send: Send) -> str:
    key = _SAID.get(send.error if send.state == End.REFUSED else send.state, "failed")
    return clip(send.error, 30) if key == "failed" and send.error else ctx.text(key)
