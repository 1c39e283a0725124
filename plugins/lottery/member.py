"""Plugin: what members do with a lottery: enter it, scratch a card, look at it, check it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action, Purpose, SendText
from bot.context import Context
from bot.errors import CommandError
from bot.events import MessageReceived
from bot.model import Capability, Role
from bot.number import NUMBER, read_number
from bot.plugin import Call
from bot.text import normalise
from plugins.lottery import announce, cards, closing, entry, pick, proof, publish, say, shelf, store, word
from plugins.lottery.draw import commitment
from plugins.lottery.model import MEMBERS_NUMBER, Lottery, State
from plugins.lottery.settings import Settings, plugin

Ctx = Context[Settings]
_TICKETS = rf"(?:\s*[x×*]\s*(?P<times>{NUMBER})[份张次票注]?|\s*(?P<pieces>{NUMBER})\s*[份张次票注])"
_ENTER = re.compile(
    rf"(?:我要)?(参与|升级)(?:抽奖)?\s*(?:[lL]?\s?(\d{{1,9}})(?!\d|\s*[份张次票注]))?{_TICKETS}?[\s!。.~]*"
)
_SCRATCH = re.compile(r"刮奖?\s*(?:[lL]?\s?(\d{1,9}))?[\s!。.~]*")
_LUCKY = re.compile(r"幸运数字?\s*[: ]?\s*(\d{1,12})[\s!。.~]*")
_PAGE_LENGTH = 1800
_PAGES_IN_GROUP = 3
_SEATS_LISTED = 20
_JUST_NOW = timedelta(hours=1)
_WORDS = re.compile("参[与加]|參[與加]|刮|升级|幸运数|^ *(?:join|scratch|upgrade|lucky)", re.IGNORECASE)
_SAME = (
    (re.compile("參與|[参參]加"), "参与"),
    *(
        (re.compile(rf"^{en}\b", re.IGNORECASE), zh)
        for en, zh in (("join", "参与"), ("scratch", "刮奖"), ("upgrade", "升级"), ("lucky number", "幸运数字"))
    ),
)
"""What means the same word: one character written otherwise, or said in English."""


def _asks_to_enter(event: MessageReceived) -> bool:
    text = event.text
    return len(text) <= 60 and bool(event.group) and _WORDS.search(text) is not None


@plugin.on(MessageReceived, when=_asks_to_enter)
async def hear(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    text = normalise(event.text)
    if event.mentions_bot:
        text = re.sub(r"^@\S+\s+", "", text)
    for written, word_meant in _SAME:
        text = written.sub(word_meant, text)
    if found := _LUCKY.fullmatch(text):
        for action in await _lucky(ctx, event, found[1]):
            yield action
    elif found := _SCRATCH.fullmatch(text):
        if lottery := await pick.to_enter(ctx, found[1], cards=True):
            for action in await enter_or_scratch(ctx, event, lottery, 1):
                yield action
    elif found := _ENTER.fullmatch(text):
        more = found[1] == "升级"
        lottery = await pick.to_enter(ctx, found[2], tickets=more) or (None if more else await _just_over(ctx))
        if lottery is not None:
            for action in await enter_or_scratch(ctx, event, lottery, _wanted(ctx, found, more=more)):
                yield action


def _wanted(ctx: Ctx, found: re.Match[str], *, more: bool = False) -> int:
    """How many tickets were asked for, 0 when they did not say."""
    written = found["times"] or found["pieces"]
    if written is None:
        return int(more)
    try:
        return max(read_number(written), 1)
    except ValueError as error:
        raise CommandError(ctx.text("how_many_tickets")) from error


async def enter_or_scratch(ctx: Ctx, event: MessageReceived, lottery: Lottery, wanted: int) -> list[Action]:
    if lottery.rules.cards:
        return await cards.scratch(ctx, event, lottery)
    return await entry.enter(ctx, event, lottery, wanted)


@plugin.on(MessageReceived, when=word.may_be_word, knowing=word.is_known)
async def hear_word(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    lottery = await word.said(ctx, event.text)
    if lottery is not None and not _asks_to_enter(event):
        for action in await enter_or_scratch(ctx, event, lottery, 0):
            yield action


async def _just_over(ctx: Ctx) -> Lottery | None:
    """Without an open lottery the word is ordinary talk, unless somebody is just late."""
    over = await store.closed_in(ctx.db, ctx.group.id, 1)
    late = bool(over) and over[0].closed_at is not None and ctx.now - over[0].closed_at < _JUST_NOW
    return over[0] if late else None


async def _lucky(ctx: Ctx, event: MessageReceived, number: str) -> list[Action]:
    """The first number that one of those who take part says after the list was closed is mixed into the seed."""
    for lottery in await store.open_in(ctx.db, ctx.group.id):
        if lottery.sealed_at is None or lottery.rules.outside != MEMBERS_NUMBER:
            continue
        mine = await store.entry_of(ctx.db, lottery.no, event.sender.id)
        if mine is None or await ctx.members.role_of(event.sender.id) >= Role.ADMIN:
            return await _not_yours(ctx, event, lottery)
        return await closing.draw_with(ctx, lottery, number)
    return []


async def _not_yours(ctx: Ctx, event: MessageReceived, lottery: Lottery) -> list[Action]:
    if not await ctx.once(f"lucky:{lottery.no}:{event.sender.id}"):
        return []
    return [ctx.reply(event, ctx.text("number_from_entrants", 编号=lottery.name))]


@plugin.command("参与", "join", usage="[L编号] [N份]", example="/参与 L3", help="参加抽奖（直接回复「参与」也行）")
async def join(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    found = _ENTER.fullmatch(f"参与 {call.text}".strip())
    if found is None:
        raise CommandError(ctx.text("which_number"))
    lottery = await pick.to_enter(ctx, found[2])
    if lottery is None:
        raise CommandError(ctx.text("none_open"))
    for action in await enter_or_scratch(ctx, call.event, lottery, _wanted(ctx, found)):
        yield action


@plugin.command("刮奖", "scratch", usage="[L编号]", example="/刮奖 L3", help="刮一张，当场知道中没中")
async def scratch(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    number = pick.NUMBER.fullmatch(call.text)
    if call.text and number is None:
        raise CommandError(ctx.text("which_number"))
    lottery = await pick.to_enter(ctx, number[1] if number else None, cards=True)
    if lottery is None or not lottery.rules.cards:
        raise CommandError(ctx.text("no_cards"))
    for action in await cards.scratch(ctx, call.event, lottery):
        yield action


@plugin.command("抽奖列表", "lotteries", usage="[L编号]", example="/抽奖列表", help="正在进行和最近开奖的抽奖")
async def listing(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    if call.text:
        lottery = await pick.meant(ctx, call.text)
        entered = await _entered(ctx, lottery)
        lines = [say.state(ctx, lottery, entered)]
        if lottery.state is State.OPEN:
            fingerprint = ctx.text("seed_fingerprint", 指纹=commitment(lottery.seed))
            odds = await announce.odds_now(ctx, lottery, await store.tickets(ctx.db, lottery.no))
            lines = [ctx.text("detail", 编号=lottery.name, 人数=entered), *await announce.rules(ctx, lottery)]
            lines += [odds, fingerprint] if odds else [fingerprint]
        for seat in (await store.seats_of(ctx.db, lottery.no))[:_SEATS_LISTED]:
            prize = lottery.draft.prize(seat.tier)
            lines.append(ctx.text(f"seat_{seat.state}", 奖品=prize, 昵称=seat.name))
    else:
        found = [*await store.open_in(ctx.db, ctx.group.id), *await store.closed_in(ctx.db, ctx.group.id, 3)]
        lines = [say.state(ctx, one, await _entered(ctx, one)) for one in found] or [ctx.text("none_open")]
    yield ctx.reply(call.event, "\n".join(lines), mention=False)


async def _entered(ctx: Ctx, lottery: Lottery) -> int:
    """People who take part, or cards that are open."""
    if lottery.rules.cards:
        return await shelf.opened(ctx.db, lottery.no)
    return await store.count(ctx.db, lottery.no)


@plugin.command("证明", "proof", usage="L编号 [文字]", example="/证明 L3", help="开奖的种子和名单，自己就能重算")
async def show_proof(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    in_words = call.text.endswith("文字")
    lottery = await pick.meant(ctx, call.text.removesuffix("文字").strip(), drawn=True)
    private = not call.event.group
    if lottery.state is not State.DRAWN:
        key = "proof_cancelled" if lottery.state is State.CANCELLED else "proof_open"
        pages = [ctx.text(key, 编号=lottery.name, 指纹=commitment(lottery.seed))]
    else:
        to = call.asker.id if private else ""
        file = [] if in_words else publish.as_file(ctx, lottery, lottery.proof, to=to, purpose=Purpose.REPLY)
        for action in file:
            yield action
        text = [] if file else proof.pages(lottery.proof, _PAGE_LENGTH)
        pages = [ctx.text("proof_head_file" if file else "proof_head", 编号=lottery.name), *text]
    if not private and len(pages) > 1 + _PAGES_IN_GROUP and Capability.PRIVATE in ctx.capabilities:
        private = True
        yield ctx.reply(call.event, ctx.text("proof_private", 编号=lottery.name))
    to = call.asker.id if private else ""
    for page in pages:
        yield SendText(group=ctx.group.id, text=page, to=to, purpose=Purpose.REPLY)
