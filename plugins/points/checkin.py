"""Plugin: signing in: once a person and local day over all groups; missed days can be made up with a card or points."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

from bot.actions import Action
from bot.context import Context
from bot.errors import CommandError
from bot.events import MemberForgotten
from bot.model import Role
from bot.number import read_number
from bot.plugin import Call
from bot.text import clean_name
from plugins.points import store
from plugins.points.reward import checkin_reward, read_day
from plugins.points.settings import Settings, plugin

Ctx = Context[Settings]
_DAY = timedelta(days=1)
_MOST_CARDS = 31


@plugin.command("签到", "checkin", usage="", example="/签到", help="每天签到得积分，连续签到有奖")
async def check_in(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    me, settings = call.asker.id, ctx.settings
    last_day, last_streak = await store.newest(ctx.db, me)
    if last_day >= ctx.today:
        # A later day than today: signed in through a group that lives further east.
        balance = await ctx.ledger.balance(me)
        yield ctx.reply(call.event, ctx.text("checked_in_already", 连续=last_streak, 积分=balance))
        return
    if await ctx.notes.get(_forgotten(me, ctx.today)):
        raise CommandError(ctx.text("forgotten_today"))
    streak = last_streak + 1 if last_day == ctx.today - _DAY else 1
    points, left = checkin_reward(streak, settings.checkin, settings.streak_every, settings.streak_bonus)
    await store.keep(ctx.db, me, ctx.today, ctx.group.id, streak, points, ctx.now)
    await ctx.ledger.post(me, points, ctx.text("reason_checkin", 连续=streak), f"checkin:{me}:{ctx.today}", actor=me)
    key = "checked_in_bonus" if points > settings.checkin else "checked_in_more" if left else "checked_in"
    values = {"得分": points, "连续": streak, "积分": await ctx.ledger.balance(me), "还差": left}
    text = ctx.text(key, **values, 奖励=settings.streak_bonus)
    if settings.makeup_days and settings.card_every and streak % settings.card_every == 0:
        await store.move_cards(ctx.db, f"streak:{me}:{ctx.today}", me, 1, ctx.now)
        text += ctx.text("card_earned", 张数=await store.cards_of(ctx.db, me))
    yield ctx.reply(call.event, text)


def _forgotten(member_id: str, day: date) -> str:
    return f"forgotten:{member_id}:{day}"


@plugin.on(MemberForgotten)
async def close_the_day(event: MemberForgotten, ctx: Ctx) -> AsyncIterator[Action]:
    """What they signed is forgotten, so that nobody knows whether it was today: else it could be signed, spent and
    forgotten all day long."""
    await ctx.notes.set(_forgotten(event.member.id, ctx.today), "1", lasts=_DAY)
    return
    yield


@plugin.command(
    "补签", "catchup", usage="[日期]", example="/补签 昨天", help="补上漏签的一天，接上连续天数（用补签卡或积分）"
)
async def make_up(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    me, settings = call.asker.id, ctx.settings
    if not settings.makeup_days:
        raise CommandError(ctx.text("makeup_off"))
    try:
        day = read_day(call.text, ctx.today) if call.text else await _last_missed(ctx, me)
    except ValueError as error:
        raise CommandError(ctx.text("makeup_which")) from error
    if day is None or await store.streak_on(ctx.db, me, day):
        raise CommandError(ctx.text("makeup_nothing", 天数=settings.makeup_days))
    if day >= ctx.today:
        raise CommandError(ctx.text("makeup_today"))
    if day < ctx.today - settings.makeup_days * _DAY:
        raise CommandError(ctx.text("makeup_too_old", 天数=settings.makeup_days))
    if await store.made_up_since(ctx.db, me, ctx.today - 30 * _DAY) >= settings.makeup_most:
        raise CommandError(ctx.text("makeup_often", 次数=settings.makeup_most))
    with_card = await store.cards_of(ctx.db, me) > 0
    price = 0 if with_card else settings.makeup_price
    balance = await ctx.ledger.balance(me)
    if not with_card and not price:
        raise CommandError(ctx.text("makeup_no_card"))
    if price > balance:
        raise CommandError(ctx.text("makeup_poor", 价格=price, 积分=balance))
    if with_card:
        await store.move_cards(ctx.db, f"used:{me}:{day}", me, -1, ctx.now)
    else:
        reason = ctx.text("reason_makeup", 月=day.month, 日=day.day)
        await ctx.ledger.post(me, -price, reason, f"makeup:{me}:{day}", actor=me)
    streak = await store.fill(ctx.db, me, day, ctx.group.id, ctx.now)
    paid = ctx.text("makeup_card", 张数=await store.cards_of(ctx.db, me)) if with_card else ""
    paid = paid or ctx.text("makeup_paid", 价格=price, 积分=balance - price)
    values = {"月": day.month, "日": day.day, "连续": streak, "代价": paid}
    signed_today = await store.streak_on(ctx.db, me, ctx.today)
    yield ctx.reply(call.event, ctx.text("made_up" if signed_today else "made_up_go_on", **values))


async def _last_missed(ctx: Ctx, me: str) -> date | None:
    """The latest day before today without a sign-in, as far back as one may go; None when there is none."""
    for back in range(1, ctx.settings.makeup_days + 1):
        day = ctx.today - back * _DAY
        if not await store.streak_on(ctx.db, me, day):
            return day
    return None


@plugin.command(
    "补签卡", "cards", usage="[@名 N]", example="/补签卡", help="我有几张补签卡；管理员可以送：/补签卡 @名 2"
)
async def cards(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    if not ctx.named(call) and not call.text:
        count = await store.cards_of(ctx.db, call.asker.id)
        yield ctx.reply(call.event, ctx.text("cards_mine" if count else "cards_none", 张数=count))
        return
    if await ctx.members.role_of(call.asker.id) < Role.ADMIN:
        raise CommandError(ctx.text("cards_admin"))
    try:
        count = read_number(call.text.removesuffix("张").strip() or "1")
    except ValueError as error:
        raise CommandError(ctx.text("cards_how_many")) from error
    if not call.members or not 1 <= count <= _MOST_CARDS:
        raise CommandError(ctx.text("cards_how_many"))
    for member in call.members:
        await store.move_cards(
            ctx.db, f"given:{call.event.id}:{member.id}", member.id, count, ctx.now, actor=call.asker.id
        )
    names = "、".join(clean_name(member.name) for member in call.members)
    yield ctx.reply(call.event, ctx.text("cards_given", 昵称=names, 张数=count), mention=False)
