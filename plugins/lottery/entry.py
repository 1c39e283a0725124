"""Plugin: taking somebody in, or telling them why not; many at once are answered together."""

from __future__ import annotations

from bot.actions import Action, SendText
from bot.context import Context
from bot.events import MessageReceived
from bot.text import clean_name, say_many
from plugins.lottery import answer, closing, purse, say, store
from plugins.lottery.eligibility import Door
from plugins.lottery.model import Entrant, Lottery
from plugins.lottery.settings import Settings
from plugins.lottery.venue import merge_timer

Ctx = Context[Settings]


async def enter(ctx: Ctx, event: MessageReceived, lottery: Lottery, wanted: int = 0) -> list[Action]:
    """Take somebody in with `wanted` tickets (0: they did not say); the last one needed starts the draw."""
    if lottery.closed_for_entry(ctx.now):
        return await answer.late(ctx, event, lottery)
    mine = await store.entry_of(ctx.db, lottery.no, event.sender.id)
    if mine is not None and not (wanted and lottery.tickets):
        return await answer.again(ctx, event, lottery, await store.place(ctx.db, lottery.no, mine.seq))
    wanted, held = max(wanted, 1), mine.weight if mine else 0
    refusal = await Door(ctx, lottery).refusal(event.sender.id, ctx.group.id)
    if refusal is not None:
        return await answer.no(ctx, event, lottery, refusal.why, say.refused(ctx, refusal))
    if held + wanted > lottery.rules.most:
        key = "too_many_tickets" if lottery.rules.most > 1 else "one_ticket"
        return await answer.no(ctx, event, lottery, "most", ctx.text(key, 最多=lottery.rules.most, 已有=held))
    cost = purse.price(lottery, held, wanted)
    seq = mine.seq if mine else await store.next_seq(ctx.db, lottery.no)
    if not await purse.charge(ctx, lottery, event.sender.id, cost, f"{seq}:{held + wanted}"):
        have = await ctx.ledger.balance(event.sender.id)
        return await answer.no(ctx, event, lottery, "poor", ctx.text("not_enough", 积分=cost, 现有=have))
    if mine is not None:
        await store.weigh(ctx.db, lottery.no, mine.member_id, held + wanted)
        text = ctx.text("more_tickets", 编号=lottery.name, 份数=held + wanted, 积分=cost)
        return [ctx.reply(event, text)]
    name = clean_name(event.sender.name) or event.sender.id
    fresh = Entrant(event.sender.id, name, seq, wanted, ctx.group.id, ctx.now)
    people = await store.enter(ctx.db, lottery.no, fresh)
    actions = await _confirm(ctx, event, lottery, fresh, people, cost)
    if lottery.draft.target and people >= lottery.draft.target:
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
    ctx: Ctx, event: MessageReceived, lottery: Lottery, fresh: Entrant, people: int, cost: int
) -> list[Action]:
    """The first of a rush is answered at once, the others together when it is over. people: how many are in now."""
    if ctx.settings.confirm == "off" and event.group:
        return []
    if ctx.settings.confirm == "merged" and event.group:
        after = {"no": str(lottery.no), "seq": str(fresh.seq)}
        if not await ctx.timers.start(merge_timer(lottery.no), ctx.settings.merge_window, payload=after):
            return []
    if lottery.tickets and cost:
        text = ctx.text("entered_tickets", 编号=lottery.name, 份数=fresh.weight, 积分=cost, 人数=people)
    elif cost:
        text = ctx.text("entered_paid", 编号=lottery.name, 积分=cost, 人数=people)
    else:
        text = ctx.text("entered", 编号=lottery.name, 人数=people)
    return [ctx.reply(event, text)]


async def confirm_merged(ctx: Ctx, lottery: Lottery, after: int) -> list[Action]:
    """One line for everybody who came here after the `after`-th, and a look later whether more have come."""
    fresh = await store.entrants_of(ctx.db, lottery.no, after)
    names = [one.name for one in fresh if one.group == ctx.group.id]
    if not names:
        return []
    again = {"no": str(lottery.no), "seq": str(fresh[-1].seq)}
    await ctx.timers.start(merge_timer(lottery.no), ctx.settings.merge_window, payload=again)
    people = await store.count(ctx.db, lottery.no)
    text = ctx.text("entered_merged", 编号=lottery.name, 昵称=say_many(names, 10), 人数=people)
    return [SendText(group=ctx.group.id, text=text)]
