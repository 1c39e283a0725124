"""Plugin: ad_guard: how often each family of signals was found mistaken; one that errs too often only watches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action, NotifyAdmins
from bot.context import Case
from bot.events import CaseOpened
from bot.model import Mode
from bot.share import interval
from plugins.ad_guard import store
from plugins.ad_guard.family import FAMILIES, NAMES, families
from plugins.ad_guard.guard import plugin
from plugins.ad_guard.memory import Ctx

COUNTED = timedelta(days=30)
ENOUGH = 5
"""Cases before anything is concluded from how they ended."""


@plugin.on(CaseOpened)
async def note(event: CaseOpened, ctx: Ctx) -> AsyncIterator[Action]:
    """Remember what a case of ours rests on."""
    if event.plugin == ctx.plugin and (rests_on := families(event.signals)):
        await store.note_case(ctx.db, event.case, event.group, event.at, rests_on)
    return
    yield


async def count_mistake(case: Case, ctx: Ctx) -> list[Action]:
    """An admin found a case mistaken: families that err too often watch from now on, and the admins hear of it."""
    mistaken = await store.note_reversal(ctx.db, case.no)
    if not mistaken:
        return []
    record, modes = await store.record_of(ctx.db, ctx.group.id, ctx.now - COUNTED), dict(ctx.settings.signal_modes)
    notices: list[Action] = []
    for family in (each for each in FAMILIES if each in mistaken and modes.get(each, Mode.ENFORCE) is Mode.ENFORCE):
        cases, mistakes = record.get(family, (0, 0))
        if cases >= ENOUGH and interval(mistakes, cases)[0] > ctx.settings.reversal_limit:
            modes[family] = Mode.SHADOW
            text = ctx.text("downgraded", 类别=NAMES[family], 键=family, 误判=mistakes, 案件=cases)
            notices.append(NotifyAdmins(group=ctx.group.id, text=text))
    if notices:
        await ctx.group_settings.set("ad_guard.signal_modes", {k: v.value for k, v in modes.items()}, by="")
    return notices


async def say_record(ctx: Ctx) -> str:
    """Every family with its cases, mistakes and interval of the last 30 days."""
    record = await store.record_of(ctx.db, ctx.group.id, ctx.now - COUNTED)
    lines = [_line(NAMES[family], *record[family], ctx) for family in FAMILIES if family in record]
    return "\n".join([ctx.text("record", 天数=COUNTED.days), *lines]) if lines else ctx.text("no_record")


def _line(name: str, cases: int, mistakes: int, ctx: Ctx) -> str:
    low, high = interval(mistakes, cases)
    return ctx.text("record_line", 类别=name, 案件=cases, 误判=mistakes, 低=f"{low:.0%}", 高=f"{high:.0%}")
