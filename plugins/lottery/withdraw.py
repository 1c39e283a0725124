"""Plugin: a member withdraws from a lottery before its list is closed; what the entry cost goes back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action
from bot.context import Context
from bot.errors import CommandError
from bot.events import MessageReceived
from bot.plugin import Call
from bot.text import normalise
from plugins.lottery import pick, purse, store
from plugins.lottery.model import Lottery, State
from plugins.lottery.settings import Settings, plugin

Ctx = Context[Settings]
_LEAVES = re.compile(
    r"(?:我要?)?退出\s*(?:抽奖\s*)?[lL]\s?(?P<no>\d{1,9})[\s!。.~]*|(?:我要?)?退出抽奖[\s!。.~]*"
    r"|leave\s+[lL]\s?(?P<number>\d{1,9})[\s!.~]*",
    re.IGNORECASE,
)
"""退出 alone is any talk; with a lottery's number, or the word, it is meant for us."""
_LONGEST = 60
_SAID_NO = timedelta(minutes=1)


def _may_leave(event: MessageReceived) -> bool:
    text = event.text
    return len(text) <= _LONGEST and bool(event.group) and ("退出" in text or "leave" in text.lower())


@plugin.on(MessageReceived, when=_may_leave)
async def hear(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    text = normalise(event.text)
    if event.mentions_bot:
        text = re.sub(r"^@\S+\s+", "", text)
    if (found := _LEAVES.fullmatch(text)) is None:
        return
    number = found["no"] or found["number"]
    if number is None and not await store.open_in(ctx.db, ctx.group.id):
        return
    for action in await _withdraw(ctx, event, await _meant(ctx, event, number)):
        yield action


@plugin.command("退出", "leave", usage="[L编号]", example="/退出 L3", help="开奖前退出抽奖，花的积分退回", bare=False)
async def leave(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    number = pick.NUMBER.fullmatch(call.text)
    if call.text and number is None:
        raise CommandError(ctx.text("which_number"))
    for action in await _withdraw(ctx, call.event, await _meant(ctx, call.event, number[1] if number else None)):
        yield action


async def _meant(ctx: Ctx, event: MessageReceived, number: str | None) -> Lottery:
    """The one named, or the only one they can still withdraw from. Raises CommandError when that is not clear."""
    if number is not None:
        return await pick.numbered(ctx, number)
    mine = [
        one
        for one in await store.open_in(ctx.db, ctx.group.id)
        if not one.closed_for_entry(ctx.now) and await store.entry_of(ctx.db, one.no, event.sender.id) is not None
    ]
    if not mine:
        raise CommandError(ctx.text("in_none"))
    if len(mine) > 1:
        names = "、".join(one.name for one in mine)
        raise CommandError(ctx.text("leave_which", 抽奖=names, 编号=mine[-1].name))
    return mine[0]


async def _withdraw(ctx: Ctx, event: MessageReceived, lottery: Lottery) -> list[Action]:
    mine = await store.entry_of(ctx.db, lottery.no, event.sender.id)
    if (key := _kept(ctx, lottery, mine is not None)) or mine is None:
        key = key or "not_in"
        if not await ctx.once(f"{key}:{lottery.no}:{event.sender.id}", lasts=_SAID_NO):
            return []
        return [ctx.reply(event, ctx.text(key, 编号=lottery.name))]
    points = await purse.give_back(ctx, lottery, mine)
    await store.leave(ctx.db, lottery.no, mine.member_id)
    people = await store.count(ctx.db, lottery.no)
    key = "left_refunded" if points else "left"
    actions: list[Action] = [ctx.reply(event, ctx.text(key, 编号=lottery.name, 积分=points, 人数=people))]
    return [*actions, purse.returned(ctx, lottery, mine)] if points else actions


def _kept(ctx: Ctx, lottery: Lottery, takes_part: bool) -> str:
    """Why nobody can withdraw any more, as the key of a sentence; empty when they can."""
    if lottery.rules.cards:
        return "cards_stay"
    if lottery.state is State.CANCELLED:
        return "is_cancelled"
    if lottery.closed_for_entry(ctx.now) and takes_part:
        return "leave_drawn" if lottery.state is State.DRAWN else "leave_sealed"
    return ""
