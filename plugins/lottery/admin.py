"""Plugin: what admins do with a lottery: start, draw, cancel; and the clock that draws."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable

from bot.actions import Action, NotifyAdmins, SendText
from bot.context import Context
from bot.errors import CommandError
from bot.events import TimerDue
from bot.model import Role
from bot.plugin import Call
from bot.text import say_many
from plugins.lottery import announce, cards, closing, entry, opening, pick, purse, shelf, store
from plugins.lottery.model import MEMBERS_NUMBER, Lottery, State
from plugins.lottery.settings import Settings, plugin
from plugins.lottery.venue import claim_timer, draw_timer, everywhere, merge_timer, number_timer, stop_timers

Ctx = Context[Settings]
_WITH_NUMBER = re.compile(r"(?:(?P<no>[lL]\s?\d{1,9})\s+)?(?P<number>\d{1,12}(?:\.\d{1,8})?)")


@plugin.command(
    "抽奖",
    "lottery",
    role=Role.ADMIN,
    usage="<奖品> [xN][、<奖品> xN …] [10分钟|20:00|满20人] [条件 入群3天 发言5条 邀请2人 积分10]"
    " [至少10人] [每次5积分] [全员 <奖品>] [刮奖 共100张] [24小时内领奖]",
    example="/抽奖 咖啡券 x2、书 x1 20:00 入群3天",
    help="发起抽奖；不写时间就由你 /开奖",
    for_members=("参与", "抽奖列表"),
)
async def create(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    for action in published(call, ctx, await opening.start(ctx, call.text, call.asker.id)):
        yield action


def published(call: Call, ctx: Ctx, actions: Iterable[Action]) -> Iterable[Action]:
    """What was said in the group, and a word to the admin who asked from a private chat."""
    yield from actions
    if not call.event.group:
        yield ctx.reply(call.event, ctx.text("done_in_group", 群名=ctx.group.topic))


@plugin.on(TimerDue, when=lambda event: "no" in event.payload)
async def ring(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    lottery = await store.get(ctx.db, int(event.payload["no"]))
    if lottery is None:
        return
    for action in await _rung(event, ctx, lottery):
        yield action


async def _rung(event: TimerDue, ctx: Ctx, lottery: Lottery) -> list[Action]:
    if event.name == claim_timer(lottery.no):
        return await _claims_due(ctx, lottery)
    if lottery.state is not State.OPEN:
        return []
    if event.name == draw_timer(lottery.no):
        return await closing.finish(ctx, lottery)
    if event.name == number_timer(lottery.no):
        return await closing.ask_again(ctx, lottery)
    if event.name != merge_timer(lottery.no) or lottery.sealed_at:
        return []
    merge = cards.blanks_merged if lottery.rules.cards else entry.confirm_merged
    return await merge(ctx, lottery, int(event.payload["seq"]))


async def _claims_due(ctx: Ctx, lottery: Lottery) -> list[Action]:
    late = [seat.name for seat in await store.seats_of(ctx.db, lottery.no) if seat.state == "won"]
    if lottery.state is not State.DRAWN or not late:
        return []
    key = "claims_due_cards" if lottery.rules.cards else "claims_due"
    text = ctx.text(key, 编号=lottery.name, 昵称=say_many(late, 10))
    return [NotifyAdmins(group=ctx.group.id, text=text)]


@plugin.command("开奖", "draw", role=Role.ADMIN, usage="L编号 [公开数字]", example="/开奖 L3", help="现在就开奖")
async def draw_now(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    found = _WITH_NUMBER.fullmatch(call.text)
    given = found["number"] if found and (found["no"] or "." in found["number"]) else ""
    lottery = await pick.meant(ctx, (found["no"] or "") if found and given else call.text)
    if lottery.state is not State.OPEN:
        raise CommandError(ctx.text(f"is_{lottery.state}", 编号=lottery.name))
    if lottery.sealed_at:
        actions = await _with_number(ctx, lottery, given)
    elif given:
        raise CommandError(ctx.text("number_too_early", 编号=lottery.name))
    elif not lottery.rules.cards and not await store.count(ctx.db, lottery.no):
        raise CommandError(ctx.text("nobody_yet", 编号=lottery.name))
    elif not call.confirmed and (early := await _early(ctx, lottery)):
        yield await ctx.ask_first(call, early)
        return
    else:
        actions = await closing.finish(ctx, lottery, by_hand=True)
    for action in published(call, ctx, actions):
        yield action


async def _early(ctx: Ctx, lottery: Lottery) -> str:
    """What was promised at the start and is not so far; whoever means to enter until then would come too late."""
    at, target = lottery.draft.draw_at, lottery.draft.target
    if lottery.rules.cards or not (target or (at is not None and at > ctx.now)):
        return ""
    entered = await store.count(ctx.db, lottery.no)
    return ctx.text("early_preview", 编号=lottery.name, 说好=announce.when_drawn(ctx, lottery), 人数=entered)


async def _with_number(ctx: Ctx, lottery: Lottery, number: str) -> list[Action]:
    if lottery.rules.outside == MEMBERS_NUMBER:
        raise CommandError(ctx.text("number_from_entrants", 编号=lottery.name))
    if not number:
        raise CommandError(ctx.text("number_missing", 编号=lottery.name, 来源=lottery.rules.outside))
    return await closing.draw_with(ctx, lottery, number)


@plugin.command("取消", "cancel", role=Role.ADMIN, usage="L编号", example="/取消 L3", help="取消还没开的抽奖")
async def cancel(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    lottery = await pick.meant(ctx, call.text)
    if lottery.rules.cards and lottery.state is State.OPEN and await shelf.opened(ctx.db, lottery.no):
        raise CommandError(ctx.text("cards_are_out", 编号=lottery.name))
    entered = await store.count(ctx.db, lottery.no)
    if entered and lottery.state is State.OPEN and not call.confirmed:
        key = "cancel_preview_paid" if lottery.rules.more else "cancel_preview"
        yield await ctx.ask_first(call, ctx.text(key, 编号=lottery.name, 人数=entered))
        return
    if not await store.close(ctx.db, lottery, State.CANCELLED, ctx.now):
        raise CommandError(ctx.text(f"is_{lottery.state}", 编号=lottery.name))
    await stop_timers(ctx, lottery)
    paid = await purse.refund(ctx, lottery, await store.entrants_of(ctx.db, lottery.no))
    key = "cancelled_refunded" if paid else "cancelled" if entered else "cancelled_empty"
    said = [
        SendText(group=room.group.id, text=room.text(key, 编号=lottery.name, 人数=entered))
        for room in await everywhere(ctx, lottery)
    ]
    for action in published(call, ctx, said):
        yield action
