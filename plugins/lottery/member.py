"""Plugin: what members do with a lottery: enter it, look at it, check it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action, Purpose, SendText
from bot.context import Context
from bot.errors import CommandError
from bot.events import MessageReceived
from bot.model import Capability
from bot.plugin import Call
from bot.text import normalise
from plugins.lottery import flow, pick, proof, say, store
from plugins.lottery.draw import commitment
from plugins.lottery.model import Lottery, State
from plugins.lottery.settings import Settings, plugin

Ctx = Context[Settings]
_ENTER = re.compile(r"参与(?:抽奖)?\s*(?:[lL]?\s?(\d{1,9}))?[\s!。.~]*")
_PAGE_LENGTH = 1800
_PAGES_IN_GROUP = 3
_SEATS_LISTED = 20
_JUST_NOW = timedelta(hours=1)


def _asks_to_enter(event: MessageReceived) -> bool:
    text = event.text
    return len(text) <= 60 and ("参与" in text or "參與" in text) and bool(event.group)


@plugin.on(MessageReceived, when=_asks_to_enter)
async def hear(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    text = normalise(event.text).replace("參與", "参与")
    if event.mentions_bot:
        text = re.sub(r"^@\S+\s+", "", text)
    found = _ENTER.fullmatch(text)
    if found is None:
        return
    lottery = await pick.to_enter(ctx, found[1]) or await _just_over(ctx)
    if lottery is None:
        return
    for action in await flow.enter(ctx, event, lottery):
        yield action


async def _just_over(ctx: Ctx) -> Lottery | None:
    """Without an open lottery the word is ordinary talk, unless somebody is just late."""
    over = await store.closed_in(ctx.db, ctx.group.id, 1)
    late = bool(over) and over[0].closed_at is not None and ctx.now - over[0].closed_at < _JUST_NOW
    return over[0] if late else None


@plugin.command("参与", "join", usage="[L编号]", example="/参与 L3", help="参加抽奖（直接回复「参与」也行）")
async def join(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    number = pick.NUMBER.fullmatch(call.text)
    if call.text and number is None:
        raise CommandError(ctx.text("which_number"))
    lottery = await pick.to_enter(ctx, number[1] if number else None)
    if lottery is None:
        raise CommandError(ctx.text("none_open"))
    for action in await flow.enter(ctx, call.event, lottery):
        yield action


@plugin.command("抽奖列表", "lotteries", usage="[L编号]", example="/抽奖列表", help="正在进行和最近开奖的抽奖")
async def listing(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    if call.text:
        lottery = await pick.meant(ctx, call.text)
        entered = await store.count(ctx.db, lottery.no)
        lines = [say.state(ctx, lottery, entered)]
        if lottery.state is State.OPEN:
            fingerprint = ctx.text("seed_fingerprint", 指纹=commitment(lottery.seed))
            lines = [ctx.text("detail", 编号=lottery.name, 人数=entered), *say.rules(ctx, lottery), fingerprint]
        for seat in (await store.seats_of(ctx.db, lottery.no))[:_SEATS_LISTED]:
            prize = lottery.draft.tiers[seat.tier].prize
            lines.append(ctx.text(f"seat_{seat.state}", 奖品=prize, 昵称=seat.name))
    else:
        found = [*await store.open_in(ctx.db, ctx.group.id), *await store.closed_in(ctx.db, ctx.group.id, 3)]
        lines = [say.state(ctx, one, await store.count(ctx.db, one.no)) for one in found] or [ctx.text("none_open")]
    yield ctx.reply(call.event, "\n".join(lines), mention=False)


@plugin.command("证明", "proof", usage="L编号", example="/证明 L3", help="开奖的种子和名单，自己就能重算")
async def show_proof(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    lottery = await pick.meant(ctx, call.text, drawn=True)
    if lottery.state is State.OPEN:
        pages = [ctx.text("proof_open", 编号=lottery.name, 指纹=commitment(lottery.seed))]
    elif lottery.state is State.CANCELLED:
        pages = [ctx.text("proof_cancelled", 编号=lottery.name)]
    else:
        pages = [ctx.text("proof_head", 编号=lottery.name), *proof.pages(lottery.proof, _PAGE_LENGTH)]
    private = not call.event.group or (len(pages) > 1 + _PAGES_IN_GROUP and Capability.PRIVATE in ctx.capabilities)
    if private and call.event.group:
        yield ctx.reply(call.event, ctx.text("proof_private", 编号=lottery.name))
    to = call.asker.id if private else ""
    for page in pages:
        yield SendText(group=ctx.group.id, text=page, to=to, purpose=Purpose.REPLY)
