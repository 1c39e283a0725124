"""Plugin: how a draw is told: who won what, under their prizes, as each group hears it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.actions import Action, SendText
from bot.context import Context
from plugins.lottery import say
from plugins.lottery.draw import Win
from plugins.lottery.model import Entrant, Lottery
from plugins.lottery.settings import Settings
from plugins.lottery.worth import points_in

Ctx = Context[Settings]


@dataclass(frozen=True, slots=True)
class Field:
    """Everybody who took part, in order of arrival, and the codes of those who may not win, with the reason."""

    entrants: Sequence[Entrant]
    excluded: Mapping[str, str]

    @property
    def fit(self) -> int:
        return len(self.entrants) - len(self.excluded)


def result(
    ctx: Ctx, lottery: Lottery, field: Field, given: Sequence[tuple[int, Entrant]], wins: Sequence[Win]
) -> list[Action]:
    """The winners, as one group hears of them."""
    back = "_refunded" if lottery.rules.more else ""
    if not given:
        key = f"nobody_left{back}" if field.entrants else "nobody"
        return [SendText(group=ctx.group.id, text=ctx.text(key, 编号=lottery.name))]
    head = ctx.text("drawn", 编号=lottery.name, 人数=len(field.entrants))
    if field.excluded:
        head += "\n" + ctx.text(f"excluded{back}", 人数=len(field.excluded))
    left = lottery.draft.stock - len(wins)
    tail = [ctx.text("left_over", 份数=left)] if left else []
    if others := len(given) - len(wins):
        tail.insert(0, ctx.text("everyone_else", 人数=others, 奖品=lottery.rules.everyone))
    within = lottery.rules.claim or ctx.settings.claim_within
    if all(points_in(lottery.draft.prize(tier)) for tier, _ in given):
        tail.append(ctx.text("congratulations_paid"))
    elif within:
        tail.append(ctx.text("congratulations_until", 时间=say.moment(ctx, ctx.now + within)))
    else:
        tail.append(ctx.text("congratulations"))
    return list(named(ctx, lottery, head, given[: len(wins)], "\n".join(tail)))


def named(ctx: Ctx, lottery: Lottery, head: str, given: Sequence[tuple[int, Entrant]], tail: str) -> list[SendText]:
    """Winners under their prizes; with an @ those who take part from this group."""
    parts: list[say.Part] = []
    room = say.MOST_NAMED
    for index, tier in enumerate(lottery.draft.tiers):
        members = [say.as_member(one.member_id, one.name) for at, one in given if at == index]
        if members and len(members) > room:
            parts.append((ctx.text("tier_many", 奖品=tier.prize, 人数=len(members), 编号=lottery.name), []))
        elif members:
            parts.append((ctx.text("tier", 奖品=tier.prize), members))
            room -= len(members)
    elsewhere = {one.member_id for _, one in given if one.group not in ("", ctx.group.id)}
    return say.roll(ctx.group.id, head, parts, tail, here=lambda member: member.id not in elsewhere)
