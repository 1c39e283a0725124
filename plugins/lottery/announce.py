"""Plugin: what is said before anybody enters: every rule that will hold, and the fingerprint of the seed."""

from __future__ import annotations

from datetime import timedelta

from bot.context import Context
from plugins.lottery import shelf
from plugins.lottery.draw import commitment
from plugins.lottery.model import MEMBERS_NUMBER, Lottery
from plugins.lottery.say import condition, moment, percent, prizes
from plugins.lottery.settings import Settings
from plugins.lottery.worth import expected

Ctx = Context[Settings]


def span(ctx: Ctx, length: timedelta) -> str:
    """A length of time in words, to the second."""
    return ctx.say_duration(timedelta(seconds=round(length.total_seconds())))


async def rules(ctx: Ctx, lottery: Lottery) -> list[str]:
    """Prizes, how it is drawn, who may take part, what it costs."""
    draft, more = lottery.draft, lottery.rules
    lines = [ctx.text("prizes", 奖品=prizes(ctx, draft.tiers, more.everyone)), when_drawn(ctx, lottery)]
    if more.minimum:
        key = "minimum_extend" if more.extend and not more.extended else "minimum_cancel"
        key = key if draft.draw_at else "minimum_by_hand"
        lines.append(ctx.text(key, 人数=more.minimum, 时长=span(ctx, more.extend or timedelta())))
    lines += _price(ctx, lottery)
    if draft.conditions:
        lines.append(ctx.text("conditions", 条件="、".join(condition(ctx, one) for one in draft.conditions)))
    barred = len(await shelf.barred_in(ctx.db, lottery.groups))
    if not more.admins:
        lines.append(ctx.text("without_admins_and_barred" if barred else "without_admins", 人数=barred))
    elif barred:
        lines.append(ctx.text("without_barred", 人数=barred))
    if draft.groups:
        topics = {one.id: one.topic or one.id for one in await ctx.groups()}
        names = "、".join(topics.get(group, group) for group in lottery.groups)
        lines.append(ctx.text("venues", 群名=names))
    if more.claim:
        lines.append(ctx.text("claim_rule", 时长=span(ctx, more.claim)))
    if more.outside:
        key = "outside_member" if more.outside == MEMBERS_NUMBER else "outside_index"
        lines.append(ctx.text(key, 来源=more.outside))
    return lines


def when_drawn(ctx: Ctx, lottery: Lottery) -> str:
    """What was promised: the time, the number of people, or an admin's hand."""
    draft = lottery.draft
    if lottery.rules.cards:
        until = ctx.text("cards_until", 时间=moment(ctx, draft.draw_at)) if draft.draw_at else ""
        return ctx.text("drawn_at_once") + until
    if draft.draw_at and draft.target:
        return ctx.text("drawn_at_or_full", 时间=moment(ctx, draft.draw_at), 人数=draft.target)
    if draft.draw_at:
        return ctx.text("drawn_at", 时间=moment(ctx, draft.draw_at), 还有=span(ctx, draft.draw_at - ctx.now))
    return ctx.text("drawn_full", 人数=draft.target) if draft.target else ctx.text("drawn_by_hand")


def _price(ctx: Ctx, lottery: Lottery) -> list[str]:
    more = lottery.rules
    if more.cards:
        return _card_odds(ctx, lottery)
    lines = []
    if more.cost:
        lines.append(ctx.text("costs", 积分=more.cost))
    if lottery.tickets:
        key = "tickets" if more.cost else "upgrades"
        lines.append(ctx.text(key, 份数=more.most, 积分=more.more))
    return lines


def _card_odds(ctx: Ctx, lottery: Lottery) -> list[str]:
    """Odds of one card, prize by prize, and what it is worth on average when all prizes are points."""
    more, tiers = lottery.rules, lottery.draft.tiers
    each = "、".join(ctx.text("odds_of", 奖品=tier.prize, 机会=percent(tier.stock / more.cards)) for tier in tiers)
    lines = [ctx.text("odds", 张数=more.cards, 机会=percent(lottery.draft.stock / more.cards), 各奖=each)]
    worth = expected(tiers, more.cards)
    if more.cost:
        lines.append(ctx.text("card_costs", 积分=more.cost, 次数=more.most))
    else:
        lines.append(ctx.text("cards_each", 次数=more.most))
    if worth is not None:
        lines.append(ctx.text("card_worth", 均值=f"{worth:.2g}"))
    return lines


async def start(ctx: Ctx, lottery: Lottery, several: bool) -> str:
    """The announcement, with the whole fingerprint of the seed: it must be public before anybody enters."""
    return "\n".join(
        [
            ctx.text("start", 编号=lottery.name),
            *await rules(ctx, lottery),
            _how(ctx, lottery, several),
            ctx.text("seed_fingerprint", 指纹=commitment(lottery.seed)),
        ]
    )


def _how(ctx: Ctx, lottery: Lottery, several: bool) -> str:
    if lottery.rules.cards:
        return ctx.text("how_to_scratch_one" if several else "how_to_scratch", 编号=lottery.name)
    if lottery.rules.word:
        return ctx.text("how_to_enter_word", 口令=lottery.rules.word)
    return ctx.text("how_to_enter_one" if several else "how_to_enter", 编号=lottery.name)


async def odds_now(ctx: Ctx, lottery: Lottery, tickets: int) -> str:
    """How good one ticket of a paid draw is as things stand, "" for a free one."""
    if not (lottery.rules.cost or lottery.tickets) or lottery.rules.cards or not tickets:
        return ""
    share = percent(min(lottery.draft.stock / tickets, 1))
    worth = expected(lottery.draft.tiers, max(tickets, lottery.draft.stock))
    line = ctx.text("odds_now", 份数=tickets, 机会=share)
    return line if worth is None else f"{line}{ctx.text('worth_now', 均值=f'{worth:.2g}')}"
