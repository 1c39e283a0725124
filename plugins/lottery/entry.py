"""Plugin: taking somebody in, or telling them why not; many at once are answered together."""

from __future__ import annotations

from bot.actions import Action, SendText
from bot.context import Context
from bot.events import MessageReceived
from bot.model import Member
from bot.text import clean_name, say_many
from plugins.lottery import answer, closing, purse, say, store
from plugins.lottery.eligibility import Door
from plugins.lottery.model import Lottery
from plugins.lottery.settings import Settings
from plugins.lottery.venue import merge_timer

Ctx = Context[Settings]


async def enter(ctx: Ctx, event: MessageReceived, lottery: Lottery, wanted: int = 0) -> list[Action]:
    """Take somebody in with `wanted` tickets (0: they did not say); the last one needed starts the draw."""
    if lottery.closed_for_entry(ctx.now):
        return await answer.late(ctx, event, lottery)
    mine = await store.entry_of(ctx.db, lottery.no, event.sender.id)
    if mine is not None and not (wanted and lottery.tickets):
        return await answer.again(ctx, event, lottery, mine.seq)
    wanted, held = max(wanted, 1), mine.weight if mine else 0
    refusal = await Door(ctx, lottery).refusal(event.sender.id, ctx.group.id)
    if refusal is not None:
        return await answer.no(ctx, event, lottery, refusal.why, say.refused(ctx, refusal))
    if held + wanted > lottery.rules.most:
        key = "too_many_tickets" if lottery.rules.most > 1 else "one_ticket"
        return await answer.no(ctx, event, lottery, "most", ctx.text(key, 最多=lottery.rules.most, 已有=held))
    cost = purse.price(lottery, held, wanted)
    if not await purse.charge(ctx, lottery, event.sender.id, cost, held + wanted):
        have = await ctx.ledger.balance(event.sender.id)
        return await answer.no(ctx, event, lottery, "poor", ctx.text("not_enough", 积分=cost, 现有=have))
    member = Member(event.sender.id, clean_name(event.sender.name) or event.sender.id)
    if mine is not None:
        await store.weigh(ctx.db, lottery.no, member.id, held + wanted)
        text = ctx.text("more_tickets", 编号=lottery.name, 份数=held + wanted, 积分=cost)
        return [ctx.reply(event, text)]
    seq = await store.enter(ctx.db, lottery.no, member, ctx.now, group=ctx.group.id, weight=wanted)
    actions = await _confirm(ctx, event, lottery, seq, wanted, cost)
    if lottery.draft.target and seq >= lottery.draft.target:
        actions += await _maybe_full(ctx, lottery, lottery.draft.target)
    return actions


async def _maybe_full(ctx: Ctx, lottery: Lottery, target: int) -> list[Action]:
    """Draw when as many as were promised are still fit; who has left since is nobody's rival, and counts for nobody."""
    missing = target - await closing.fit(ctx, lottery)
    if missing <= 0:
        return await closing.finish(ctx, lottery)
    if not await ctx.once(f"missing:{lottery.no}:{missing}"):
        return []
    return [SendText(group=ctx.group.id, text=ctx.text("not_full", 编号=lottery.name, 还差=missing))]


async def _confirm(
    ctx: Ctx, event: MessageReceived, lottery: Lottery, seq: int, tickets: int, cost: int
) -> list[Action]:
    """The first of a rush is answered at once, the others together when it is over."""
    if ctx.settings.confirm == "off" and event.group:
        return []
    if ctx.settings.confirm == "merged" and event.group:
        after = {"no": str(lottery.no), "seq": str(seq)}
        if not await ctx.timers.start(merge_timer(lottery.no), ctx.settings.merge_window, payload=after):
            return []
    if lottery.tickets and cost:
        text = ctx.text("entered_tickets", 编号=lottery.name, 份数=tickets, 积分=cost, 人数=seq)
    elif cost:
        text = ctx.text("entered_paid", 编号=lottery.name, 积分=cost, 人数=seq)
    else:
        text = ctx.text("entered", 编号=lottery.name, 人数=seq)
    return [ctx.reply(event, text)]


async def confirm_merged(ctx: Ctx, lottery: Lottery, after: int) -> list[Action]:
    """One line for everybody who came here after the `after`-th, and a look later whether more have come."""
    fresh = await store.entrants_of(ctx.db, lottery.no, after)
    names = [one.name for one in fresh if one.group == ctx.group.id]
    if not names:
        return []
    last = fresh[-1].seq
    again = {"no": str(lottery.no), "seq": str(last)}
    await ctx.timers.start(merge_timer(lottery.no), ctx.settings.merge_window, payload=again)
    text = ctx.text("entered_merged", 编号=lottery.name, 昵称=say_many(names, 10), 人数=last)
    return [SendText(group=ctx.group.id, text=text)]
