"""Plugin: ad_guard: a case of ours was taken back by another way than `/误判`: it is learnt from and counted."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action
from bot.events import CaseOverturned
from plugins.ad_guard.guard import plugin
from plugins.ad_guard.learn import MINE, learn_harmless
from plugins.ad_guard.memory import Ctx
from plugins.ad_guard.tally import count_mistake

HAM = "ham"


@plugin.on(CaseOverturned)
async def learn_from(event: CaseOverturned, ctx: Ctx) -> AsyncIterator[Action]:
    """An accepted appeal teaches as `/误判` does, which has done so itself; who is only let off teaches nothing."""
    case = await ctx.cases.get(event.case) if event.mistaken else None
    if case is None or case.note == HAM or case.verdict not in MINE:
        return
    await learn_harmless(case, False, event.by, ctx)
    for notice in await count_mistake(case, ctx):
        yield notice
