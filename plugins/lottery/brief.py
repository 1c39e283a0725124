"""Plugin: lotteries: what the daily brief says of those that still take entries."""

from __future__ import annotations

from datetime import date

from bot.context import Context
from plugins.lottery import say, shelf, store
from plugins.lottery.settings import Settings, plugin

SHOWN = 3


@plugin.block("lotteries", "抽奖")
async def running(ctx: Context[Settings], _day: date, _edition: str) -> str:
    """Each open lottery in a line, the newest last; at most three."""
    lines = []
    for lottery in (await store.open_in(ctx.db, ctx.group.id))[:SHOWN]:
        count = shelf.opened if lottery.rules.cards else store.count
        lines.append(say.state(ctx, lottery, await count(ctx.db, lottery.no)))
    return "\n".join(lines)
