"""Plugin: moderation: the file of cases, for admins: what happened, and why."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action
from bot.commands import Call
from bot.context import Case
from bot.errors import CommandError
from bot.model import Role, Signal
from bot.number import case_digits
from bot.text import clip
from plugins.moderation.brake import release, say_rules
from plugins.moderation.plugin import plugin
from plugins.moderation.say import Ctx, case_named, clock, state_name, verdict_name

LINES = 10
_RULES = frozenset({"统计", "stats"})
_RELEASE = frozenset({"恢复", "release"})
_NOTES = frozenset(
    (
        "renamed", "confirmed", "ham", "exempt", "dry", "shadow", "capability", "brake", "overruled", "expired",
        "appeal", "founded", "ran",
    )
)  # fmt: skip


@plugin.command(
    "为什么",
    "why",
    usage="W编号",
    example="/为什么 W3",
    help="一个案件的依据和经过",
    role=Role.MODERATOR,
)
async def why(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Signals with weights, verdict, state, times, mode: all that led to a case and came of it."""
    case = await case_named(call, ctx, "usage_why")
    yield ctx.reply(call.event, _account(case, ctx), mention=False)


def _account(case: Case, ctx: Ctx) -> str:
    lines = [
        ctx.text(
            "why_head",
            编号=case.no,
            昵称=case.member.name,
            什么=verdict_name(ctx, case.verdict),
            状态=state_name(ctx, case.state),
        ),
        ctx.text("why_opened", 时间=clock(ctx, case.opened_at), 模式=ctx.text(f"mode_{case.mode}"), 谁=case.plugin),
    ]
    if case.closed_at is not None:
        lines.append(ctx.text("why_closed", 时间=clock(ctx, case.closed_at), 备注=_note(case, ctx)).rstrip())
    lines += [_line_of(signal) for signal in case.signals]
    if case.text:
        lines.append(ctx.text("why_text", 原文=clip(case.text, 200)))
    return "\n".join(lines)


def _line_of(signal: Signal) -> str:
    """A reason with its weight; what only explains the outcome has none."""
    return f"{signal.weight:+.2f} {clip(signal.detail, 60)}" if signal.weight else f"· {clip(signal.detail, 80)}"


def _note(case: Case, ctx: Ctx) -> str:
    return ctx.text(f"note_{case.note}") if case.note in _NOTES else clip(case.note, 60)


@plugin.command(
    "案件",
    "cases",
    usage="[@名|W编号] | 统计 | 恢复 规则",
    example="/案件 @小王",
    help="最近的案件，一位群友的案件，或一个案件的依据",
    role=Role.MODERATOR,
)
async def cases(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """The newest cases, at most ten lines; one of them as /为什么 tells it; how the rules do, or act again."""
    verb, _, rule = call.text.partition(" ")
    if verb in _RULES:
        yield ctx.reply(call.event, await say_rules(ctx), mention=False)
        return
    if verb in _RELEASE:
        if max(call.asker.role, await ctx.members.role_of(call.asker.id)) < Role.ADMIN:
            raise CommandError(ctx.text("release_admins"))
        yield ctx.reply(call.event, await release(rule.strip(), call.asker.id, ctx))
        return
    if case_digits(call.text) and not (call.members or call.unknown):
        yield ctx.reply(call.event, _account(await case_named(call, ctx, "usage_cases"), ctx), mention=False)
        return
    if call.members or call.unknown or call.text:
        member = ctx.one_named(call, "usage_cases")
        found = (await ctx.cases.of(member.id))[:LINES]
    else:
        found = await ctx.cases.recent(LINES)
    if not found:
        yield ctx.reply(call.event, ctx.text("no_cases"), mention=False)
        return
    lines = [ctx.text("cases_head"), *(_case_line(case, ctx) for case in found)]
    yield ctx.reply(call.event, "\n".join(lines), mention=False)


def _case_line(case: Case, ctx: Ctx) -> str:
    return ctx.text(
        "cases_line",
        编号=case.no,
        昵称=clip(case.member.name, 12),
        什么=verdict_name(ctx, case.verdict),
        状态=state_name(ctx, case.state),
        时间=clock(ctx, case.opened_at),
    )
