"""Plugin: moderation: a rule that is taken back too often stops acting by itself: it only watches, and says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta

from bot.actions import Action, NotifyAdmins
from bot.context import Case
from bot.errors import CommandError
from bot.events import CaseOverturned
from bot.model import Mode
from bot.share import interval
from plugins.moderation.plugin import plugin
from plugins.moderation.say import Ctx

LAST, ENOUGH = 30, 8
"""So many of the newest cases are counted; fewer than that second number conclude nothing."""
COUNTED = timedelta(days=60)
_SINCE = "fp_since:"
_ORDERED = frozenset({"kick", "ban", "warn"})


def estimate(cases: Iterable[Case]) -> tuple[int, int]:
    """(taken back, all) of settled cases; what an admin ordered is no rule's doing."""
    counted = [case.state == "undone" for case in cases if case.verdict not in _ORDERED]
    return sum(counted), len(counted)


def is_too_often(undone: int, settled: int, limit: float) -> bool:
    return settled >= ENOUGH and interval(undone, settled)[0] > limit


@plugin.on(CaseOverturned)
async def weigh(event: CaseOverturned, ctx: Ctx) -> AsyncIterator[Action]:
    """After each case taken back: is its rule still worth acting on?"""
    case = await ctx.cases.get(event.case)
    rules = ctx.section("policy")
    if case is None or case.verdict in _ORDERED or rules.rule_modes.get(case.plugin, Mode.ENFORCE) is not Mode.ENFORCE:
        return
    undone, settled = await _record(case.plugin, ctx)
    if not is_too_often(undone, settled, rules.fp_limit):
        return
    await _set_mode(case.plugin, Mode.SHADOW, "", ctx)
    text = ctx.text("brake_pulled", 规则=case.plugin, 撤销=undone, 案件=settled)
    yield NotifyAdmins(group=ctx.group.id, text=text)


async def _record(rule: str, ctx: Ctx) -> tuple[int, int]:
    """Since it was last set free, at most `COUNTED` back."""
    since = ctx.now - COUNTED
    if (kept := await ctx.notes.get(_SINCE + rule)) is not None:
        since = max(since, datetime.fromisoformat(kept))
    return estimate(await ctx.cases.settled_of(rule, LAST, since=since))


async def _set_mode(rule: str, mode: Mode, by: str, ctx: Ctx) -> None:
    modes = {name: kept.value for name, kept in ctx.section("policy").rule_modes.items()}
    if mode is Mode.ENFORCE:
        modes.pop(rule, None)
    else:
        modes[rule] = mode.value
    await ctx.group_settings.set("policy.rule_modes", modes, by=by)


async def release(rule: str, by: str, ctx: Ctx) -> str:
    """A rule acts again; what was counted against it counts no more. Raises CommandError."""
    if rule not in ctx.section("policy").rule_modes:
        raise CommandError(ctx.text("not_braked", 规则=rule[:30]))
    await _set_mode(rule, Mode.ENFORCE, by, ctx)
    await ctx.notes.set(_SINCE + rule, ctx.now.isoformat(), lasts=COUNTED)
    return ctx.text("brake_released", 规则=rule)


async def say_rules(ctx: Ctx) -> str:
    """Every rule with its cases, how many were taken back, and whether it acts."""
    seen = {case.plugin for case in await ctx.cases.recent(100) if case.verdict not in _ORDERED}
    modes = ctx.section("policy").rule_modes
    lines = [ctx.text("rules_head", 天数=COUNTED.days)]
    for rule in sorted(seen | set(modes)):
        undone, settled = await _record(rule, ctx)
        low, high = interval(undone, settled)
        watching = ctx.text("rule_watches") if modes.get(rule, Mode.ENFORCE) is not Mode.ENFORCE else ""
        lines.append(
            ctx.text(
                "rule_line", 规则=rule, 案件=settled, 撤销=undone, 低=f"{low:.0%}", 高=f"{high:.0%}", 状态=watching
            )
        )
    return "\n".join(lines[:12]) if len(lines) > 1 else ctx.text("no_cases")
