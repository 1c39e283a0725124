"""Plugin: which lottery is meant: by its number, or the only one it can be."""

from __future__ import annotations

import re

from bot.context import Context
from bot.errors import CommandError
from plugins.lottery import say, store
from plugins.lottery.model import Lottery, State
from plugins.lottery.settings import Settings

NUMBER = re.compile(r"[lL]?\s?(\d{1,9})")

Ctx = Context[Settings]


async def numbered(ctx: Ctx, number: str) -> Lottery:
    lottery = await store.get(ctx.db, int(number))
    if lottery is None or ctx.group.id not in lottery.groups:
        raise CommandError(ctx.text("unknown_number", 编号=f"L{int(number)}"))
    return lottery


async def meant(ctx: Ctx, text: str, *, drawn: bool = False) -> Lottery:
    """The lottery an admin means: by its number, else the only open one (drawn: the last one drawn)."""
    number = NUMBER.fullmatch(text)
    if number:
        return await numbered(ctx, number[1])
    if text:
        raise CommandError(ctx.text("which_number"))
    over = [one for one in await store.closed_in(ctx.db, ctx.group.id, 5) if one.state is State.DRAWN]
    found = over[:1] if drawn else await store.open_in(ctx.db, ctx.group.id)
    if len(found) != 1:
        raise CommandError(ctx.text("which_number" if found else "none_drawn" if drawn else "none_open"))
    return found[0]


async def to_enter(ctx: Ctx, number: str | None, *, cards: bool = False, tickets: bool = False) -> Lottery | None:
    """The one named, or the only one open; None when none is open. Raises CommandError when that is not clear.

    cards: only among instant ones; tickets: only among those where one may hold more than one ticket.
    """
    if number is not None:
        return await numbered(ctx, number)
    running = [one for one in await store.open_in(ctx.db, ctx.group.id) if one.rules.cards or not cards]
    running = [one for one in running if one.tickets or not tickets]
    if len(running) > 1:
        choice = "、".join(f"{one.name}（{say.prizes(ctx, one.draft.tiers, one.rules.everyone)}）" for one in running)
        key = "which_cards" if cards else "which_open"
        raise CommandError(ctx.text(key, 抽奖=choice, 编号=running[-1].name))
    return running[0] if running else None
