"""Plugin: instant lotteries: scratch cards whose winning numbers the seed settled before the first was opened."""

from __future__ import annotations

from collections.abc import Mapping

from bot.actions import Action, SendText
from bot.context import Context
from bot.events import MessageReceived
from bot.text import clean_name, say_many
from plugins.lottery import answer, proof, publish, purse, say, shelf, store
from plugins.lottery.draw import Win, winning_cards
from plugins.lottery.eligibility import Door
from plugins.lottery.model import Card, Lottery, State
from plugins.lottery.settings import Settings
from plugins.lottery.venue import claim_timer, everywhere, merge_timer, stop_timers
from plugins.lottery.worth import points_in

Ctx = Context[Settings]


async def scratch(ctx: Ctx, event: MessageReceived, lottery: Lottery) -> list[Action]:
    """Open the next card for somebody, or tell them why not; the last one ends the lottery."""
    if lottery.closed_for_entry(ctx.now):
        return await answer.late(ctx, event, lottery)
    refusal = await Door(ctx, lottery).refusal(event.sender.id, ctx.group.id)
    if refusal is not None:
        return await answer.no(ctx, event, lottery, refusal.why, say.refused(ctx, refusal))
    if event.sender.id in {seat.member_id for seat in await store.seats_of(ctx.db, lottery.no)}:
        return await answer.no(ctx, event, lottery, "won", ctx.text("card_won_before"))
    mine = await shelf.opened_by(ctx.db, lottery.no, event.sender.id)
    if mine >= lottery.rules.most:
        return await answer.no(ctx, event, lottery, "most", ctx.text("no_more_cards", 次数=lottery.rules.most))
    if not await purse.charge(ctx, lottery, event.sender.id, lottery.rules.cost, str(mine + 1)):
        have = await ctx.ledger.balance(event.sender.id)
        return await answer.no(ctx, event, lottery, "poor", ctx.text("not_enough", 积分=lottery.rules.cost, 现有=have))
    name = clean_name(event.sender.name) or event.sender.id
    card = Card(await shelf.opened(ctx.db, lottery.no) + 1, event.sender.id, name, ctx.group.id)
    await shelf.open_card(ctx.db, lottery.no, card, ctx.now)
    left = lottery.rules.cards - card.no
    actions = await _told(ctx, event, lottery, card, left)
    if not left:
        actions += await finish(ctx, lottery)
    return actions


async def _told(ctx: Ctx, event: MessageReceived, lottery: Lottery, card: Card, left: int) -> list[Action]:
    """A win is told at once; of a rush of blanks the first, the others together."""
    tier = _winning(lottery).get(card.no)
    if tier is not None:
        prize = lottery.draft.prize(tier)
        await store.seat(ctx.db, lottery.no, 1, [(tier, card.member_id, card.name)])
        key = "card_won"
        if points := points_in(prize):
            await purse.award(ctx, lottery, card.member_id, points)
            seats = [one.id for one in await store.seats_of(ctx.db, lottery.no) if one.member_id == card.member_id]
            await store.settle(ctx.db, seats, "claimed", ctx.now, "")
            key = "card_won_paid"
        return [ctx.reply(event, ctx.text(key, 编号=lottery.name, 张号=card.no, 奖品=prize, 剩余=left))]
    if event.group and ctx.settings.confirm == "off":
        return []
    if event.group and ctx.settings.confirm == "merged":
        after = {"no": str(lottery.no), "seq": str(card.no)}
        if not await ctx.timers.start(merge_timer(lottery.no), ctx.settings.merge_window, payload=after):
            return []
    return [ctx.reply(event, ctx.text("card_blank", 编号=lottery.name, 张号=card.no, 剩余=left))]


def _winning(lottery: Lottery) -> Mapping[int, int]:
    return winning_cards(lottery.seed, lottery.name, lottery.rules.cards, lottery.draft.tiers)


async def blanks_merged(ctx: Ctx, lottery: Lottery, after: int) -> list[Action]:
    """One line for everybody who opened a blank here after the `after`-th card."""
    fresh, winning = await shelf.cards_of(ctx.db, lottery.no, after), _winning(lottery)
    names = [card.name for card in fresh if card.group == ctx.group.id and card.no not in winning]
    if not names:
        return []
    last = fresh[-1].no
    again = {"no": str(lottery.no), "seq": str(last)}
    await ctx.timers.start(merge_timer(lottery.no), ctx.settings.merge_window, payload=again)
    said = say_many(list(dict.fromkeys(names)), 10)
    text = ctx.text("cards_blank", 编号=lottery.name, 昵称=said, 剩余=lottery.rules.cards - last)
    return [SendText(group=ctx.group.id, text=text)]


async def finish(ctx: Ctx, lottery: Lottery) -> list[Action]:
    """No more cards are opened: the seed is told, and which card was whose."""
    if not await store.close(ctx.db, lottery, State.DRAWN, ctx.now):
        return []
    await stop_timers(ctx, lottery)
    opened = await shelf.cards_of(ctx.db, lottery.no)
    seats = [seat for seat in await store.seats_of(ctx.db, lottery.no) if seat.state != "void"]
    count, tiers = lottery.rules.cards, lottery.draft.tiers
    wins = [Win(tier, str(no)) for no, tier in winning_cards(lottery.seed, lottery.name, count, tiers).items()]
    said = lottery.announced.splitlines()
    published = proof.first(lottery, proof.listed_cards(opened, count), {}, wins, rules=said)
    text = proof.write(published)
    await store.keep_proof(ctx.db, lottery.no, text)
    if seats and (within := lottery.rules.claim or ctx.settings.claim_within):
        await ctx.timers.start(claim_timer(lottery.no), within, payload={"no": str(lottery.no)})
    actions: list[Action] = []
    for room in await everywhere(ctx, lottery):
        about: dict[str, object] = {"编号": lottery.name, "张数": len(opened), "总数": count, "人数": len(seats)}
        key = "cards_over" if opened else "cards_nobody"
        actions.append(SendText(group=room.group.id, text=room.text(key, **about)))
        if opened:
            actions += publish.proof_of(room, lottery, published, text)
    return actions
