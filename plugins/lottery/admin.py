"""Plugin: what admins do with a lottery: start, draw, cancel, draw again, hand out; and the clock that draws."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from bot.actions import Action, SendText
from bot.context import Context
from bot.errors import CommandError
from bot.events import TimerDue
from bot.model import Role
from bot.plugin import Call
from plugins.lottery import flow, pick, say, store
from plugins.lottery.draw import new_seed
from plugins.lottery.model import Draft, Lottery, State
from plugins.lottery.parse import Misread, parse
from plugins.lottery.settings import Settings, plugin

Ctx = Context[Settings]


@plugin.command(
    "抽奖",
    "lottery",
    role=Role.ADMIN,
    usage="<奖品> [xN][、<奖品> xN …] [10分钟|20:00|满20人] [条件 入群3天 发言5条 邀请2人 积分10]",
    example="/抽奖 咖啡券 x2、书 x1 20:00 入群3天",
    help="发起抽奖；不写时间就由你 /开奖",
)
async def create(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    try:
        draft = _fitting(parse(call.text, ctx.now, ctx.group.zone, ctx.settings.longest), ctx)
    except Misread as error:
        raise CommandError(ctx.text(f"bad_{error.key}", **error.values)) from error
    running = await store.open_in(ctx.db, ctx.group.id)
    if len(running) >= ctx.settings.max_open:
        raise CommandError(ctx.text("too_many_open", 个数=len(running)))
    lottery = await store.create(ctx.db, ctx.group.id, draft, new_seed(ctx.random), ctx.now, call.asker.id)
    if draft.draw_at:
        await ctx.timers.start(flow.draw_timer(lottery.no), at=draft.draw_at, payload={"no": str(lottery.no)})
    text = say.start(ctx, lottery, several=bool(running))
    for action in _published(call, ctx, [SendText(group=ctx.group.id, text=text)]):
        yield action


def _fitting(draft: Draft, ctx: Ctx) -> Draft:
    """The draft, if the group has the people for it. Raises Misread."""
    people = ctx.group.size - 1
    if people > 0 and draft.stock > people:
        raise Misread("more_than_people", 份数=draft.stock, 人数=people)
    if people > 0 and draft.target and draft.target > people:
        raise Misread("target_more_than_people", 满=draft.target, 人数=people)
    return draft


def _published(call: Call, ctx: Ctx, actions: Iterable[Action]) -> Iterable[Action]:
    """What was said in the group, and a word to the admin who asked from a private chat."""
    yield from actions
    if not call.event.group:
        yield ctx.reply(call.event, ctx.text("done_in_group", 群名=ctx.group.topic))


@plugin.on(TimerDue)
async def ring(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    lottery = await store.get(ctx.db, int(event.payload["no"]))
    if lottery is None or lottery.state is not State.OPEN:
        return
    if event.name == flow.draw_timer(lottery.no):
        actions = await flow.finish(ctx, lottery)
    else:
        actions = await flow.confirm_merged(ctx, lottery, int(event.payload["seq"]))
    for action in actions:
        yield action


@plugin.command("开奖", "draw", role=Role.ADMIN, usage="L编号", example="/开奖 L3", help="现在就开奖")
async def draw_now(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    lottery = await pick.meant(ctx, call.text)
    if lottery.state is not State.OPEN:
        raise CommandError(ctx.text(f"is_{lottery.state}", 编号=lottery.name))
    if not await store.count(ctx.db, lottery.no):
        raise CommandError(ctx.text("nobody_yet", 编号=lottery.name))
    for action in _published(call, ctx, await flow.finish(ctx, lottery)):
        yield action


@plugin.command("取消", "cancel", role=Role.ADMIN, usage="L编号", example="/取消 L3", help="取消还没开的抽奖")
async def cancel(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    lottery = await pick.meant(ctx, call.text)
    if not await store.close(ctx.db, lottery, State.CANCELLED, ctx.now):
        raise CommandError(ctx.text(f"is_{lottery.state}", 编号=lottery.name))
    await ctx.timers.cancel(flow.draw_timer(lottery.no))
    await ctx.timers.cancel(flow.merge_timer(lottery.no))
    entered = await store.count(ctx.db, lottery.no)
    text = ctx.text("cancelled" if entered else "cancelled_empty", 编号=lottery.name, 人数=entered)
    for action in _published(call, ctx, [SendText(group=ctx.group.id, text=text)]):
        yield action


@plugin.command(
    "重抽", "redraw", role=Role.ADMIN, usage="L编号 [@名 …]", example="/重抽 L3", help="没领的名额按原顺序递补"
)
async def draw_again(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    lottery = await _drawn(call, ctx)
    named = await _winners_named(call, ctx, lottery)
    for action in _published(call, ctx, await flow.redraw(ctx, lottery, named, call.asker.id)):
        yield action


@plugin.command(
    "领奖", "claim", role=Role.ADMIN, usage="L编号 @名 …", example="/领奖 L3 @小王", help="登记谁已经领了奖"
)
async def claim(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    lottery = await _drawn(call, ctx)
    named = await _winners_named(call, ctx, lottery)
    if not named:
        raise CommandError(ctx.text("claim_whom"))
    held = [seat for seat in await store.seats_of(ctx.db, lottery.no) if seat.state != "void"]
    fresh = [seat for seat in held if seat.member_id in named and seat.state == "won"]
    if not fresh:
        names = "、".join(seat.name for seat in held if seat.member_id in named)
        raise CommandError(ctx.text("already_claimed", 昵称=names, 编号=lottery.name))
    await store.settle(ctx.db, [seat.id for seat in fresh], "claimed", ctx.now, call.asker.id)
    what = "、".join(f"{seat.name} {lottery.draft.tiers[seat.tier].prize}" for seat in fresh)
    left = sum(seat.state == "won" for seat in held) - len(fresh)
    key = "claimed" if left else "claimed_all"
    yield ctx.reply(call.event, ctx.text(key, 编号=lottery.name, 领取=what, 份数=left))


async def _drawn(call: Call, ctx: Ctx) -> Lottery:
    lottery = await pick.meant(ctx, call.text, drawn=True)
    if lottery.state is not State.DRAWN:
        raise CommandError(ctx.text(f"still_{lottery.state}", 编号=lottery.name))
    return lottery


async def _winners_named(call: Call, ctx: Ctx, lottery: Lottery) -> set[str]:
    """Ids of the winners behind the @names; who has left is found by the name they won under."""
    held = [seat for seat in await store.seats_of(ctx.db, lottery.no) if seat.state != "void"]
    ids = {seat.member_id for seat in held}
    named = {member.id for member in call.members} | {s.member_id for s in held if s.name in call.unknown}
    strangers = [member.name for member in call.members if member.id not in ids]
    strangers += [name for name in call.unknown if name not in {seat.name for seat in held}]
    if strangers:
        raise CommandError(ctx.text("no_winner", 昵称="、".join(strangers), 编号=lottery.name))
    return named
