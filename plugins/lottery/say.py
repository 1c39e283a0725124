"""Plugin: what a lottery says in the group: short lines that read well on a phone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.actions import SendText
from bot.context import Context
from bot.model import Member
from bot.text import clean_name
from plugins.lottery.eligibility import Refusal
from plugins.lottery.model import Condition, Lottery, Need, State, Tier
from plugins.lottery.settings import Settings

MESSAGE_LENGTH = 600
"""A message longer than this is folded away on phones."""
MOST_NAMED = 500
"""Winners named one by one in the group; of a tier beyond that the number is told and the list is in the file."""

_SOON = timedelta(minutes=2)
"""Seconds are told only when they matter."""

Ctx = Context[Settings]


def prizes(ctx: Ctx, tiers: Sequence[Tier], everyone: str = "") -> str:
    told = [ctx.text("prize", 奖品=tier.prize, 份数=tier.stock) for tier in tiers]
    return "、".join([*told, ctx.text("prize_everyone", 奖品=everyone)] if everyone else told)


def moment(ctx: Ctx, at: datetime) -> str:
    """The time where the group lives: today, tomorrow, or with its date."""
    local = at.astimezone(ctx.group.zone)
    clock = f"{local:%H:%M:%S}" if local.second and at - ctx.now < _SOON else f"{local:%H:%M}"
    match (local.date() - ctx.today).days:
        case 0:
            return ctx.text("today", 时间=clock)
        case 1:
            return ctx.text("tomorrow", 时间=clock)
    return ctx.text("on_day", 月=local.month, 日=local.day, 时间=clock)


def condition(ctx: Ctx, one: Condition) -> str:
    if one.need is Need.HOURS and one.amount % 24 == 0:
        return ctx.text("need_days", 数量=one.amount // 24)
    if one.need is Need.MESSAGES and one.days:
        return ctx.text("need_messages_lately", 数量=one.amount, 天数=one.days)
    return ctx.text(f"need_{one.need}", 数量=one.amount, 天数=one.days)


def refused(ctx: Ctx, refusal: Refusal) -> str:
    """The reason, without the lottery: `要求入群满 3 天，目前 1 天`."""
    if refusal.condition is None:
        return ctx.text(f"not_{refusal.why}")
    have = refusal.have
    if refusal.why == Need.HOURS and refusal.condition.amount % 24 == 0:
        return ctx.text("not_days", 条件=condition(ctx, refusal.condition), 现有=have // 24)
    return ctx.text(f"not_{refusal.why}", 条件=condition(ctx, refusal.condition), 现有=have, 格式=refusal.wanted)


def state(ctx: Ctx, lottery: Lottery, entered: int) -> str:
    """One line for the list."""
    over = {State.DRAWN: "line_drawn" if entered else "line_nobody", State.CANCELLED: "line_cancelled"}
    key = over.get(lottery.state)
    if key is None and lottery.sealed_at:
        key = "line_sealed"
    elif key is None:
        draft = lottery.draft
        key = "line_at" if draft.draw_at else "line_full" if draft.target else "line_by_hand"
        key = "line_cards" if lottery.rules.cards else key
    at = lottery.draft.draw_at
    return ctx.text(
        key,
        编号=lottery.name,
        奖品=prizes(ctx, lottery.draft.tiers, lottery.rules.everyone),
        人数=entered,
        时间=moment(ctx, at) if at else "",
        满=lottery.rules.cards or lottery.draft.target or "",
    )


def percent(share: float) -> str:
    """`12%`, `0.5%`, never a 0 that is none nor a 100 that is not sure."""
    value = share * 100 if share >= 1 else min(share * 100, 99.4)
    if value >= 9.95:
        return f"{value:.0f}%"
    return f"{value:.1f}%" if value >= 0.1 else f"{value:.2g}%"


Part = tuple[str, Sequence[Member]]


def roll(
    group: str, head: str, parts: Sequence[Part], tail: str, here: Callable[[Member], bool] = lambda _: True
) -> list[SendText]:
    """Names under titles, those who are `here` with an @, in messages of at most MESSAGE_LENGTH characters."""
    messages: list[tuple[list[str], list[Member]]] = [([head], [])]

    def room(more: int) -> bool:
        return sum(len(line) + 1 for line in messages[-1][0]) + more <= MESSAGE_LENGTH

    for title, members in parts:
        line = title
        for member in members:
            near = here(member)
            named = f" @{member.name}" if near else f" {member.name}"
            if not room(len(line) + len(named)):
                if line != title:
                    messages[-1][0].append(line)
                messages.append(([], []))
                line = title
            line += named
            if near:
                messages[-1][1].append(member)
        messages[-1][0].append(line)
    if not room(len(tail)):
        messages.append(([], []))
    messages[-1][0].append(tail)
    return [SendText(group=group, text="\n".join(lines), mentions=tuple(members)) for lines, members in messages]


def as_member(member_id: str, name: str) -> Member:
    """A winner as named in a message: one clean line, whatever the account calls itself."""
    return Member(member_id, clean_name(name) or member_id)
