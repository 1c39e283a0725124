"""Plugin: moderation: how cases and people are spoken of."""

from __future__ import annotations

from datetime import datetime

from bot.actions import NotifyAdmins, Purpose, SendText
from bot.commands import Call
from bot.context import Case
from bot.errors import CommandError
from bot.model import Member, Role, Signal
from bot.number import case_digits
from bot.plugin import Context
from bot.text import clip
from plugins.moderation.plugin import Settings

Ctx = Context[Settings]
_VERDICTS = frozenset({"ad", "suspect", "flood", "word", "warn", "kick", "ban", "name", "report", "vote"})
_STATES = frozenset(
    {"open", "warned", "removing", "removed", "failed", "paid", "undone", "withdrawn", "left", "closed", "dropped"}
)


def tell_member(ctx: Ctx, member: Member, text: str, case: int) -> SendText:
    """One line in the group, with an @ (first, unless `text` has it): enforcement, which the mode may hold back."""
    at_name = f"@{member.name}"
    return SendText(
        group=ctx.group.id,
        case=case,
        text=text if at_name in text else f"{at_name} {text}",
        mentions=(member,),
        purpose=Purpose.ENFORCEMENT,
    )


def render_own(ctx: Ctx, own: str, member: Member, **values: object) -> str:
    """An admin's own sentence, in which 昵称 is the @; empty when there is none."""
    return ctx.render(own, member, **{**values, "昵称": f"@{member.name}"}) if own else ""


def tell_admins(ctx: Ctx, case: int, text: str) -> NotifyAdmins:
    return NotifyAdmins(group=ctx.group.id, case=case, text=text)


def verdict_name(ctx: Ctx, verdict: str) -> str:
    """The verdict in the group's language; a guard of somebody else's may have words of its own."""
    return ctx.text(f"verdict_{verdict}") if verdict in _VERDICTS else verdict


def state_name(ctx: Ctx, state: str) -> str:
    return ctx.text(f"state_{state}") if state in _STATES else state


def clock(ctx: Ctx, at: datetime) -> str:
    """`1月5日 09:05`, in the group's zone."""
    local = at.astimezone(ctx.group.zone)
    return f"{local.month}月{local.day}日 {local:%H:%M}" if ctx.group.language == "zh-CN" else f"{local:%m-%d %H:%M}"


def reasons(signals: tuple[Signal, ...], limit: int = 3) -> str:
    """The strongest reasons in one line."""
    against = [signal for signal in signals if signal.weight > 0 and signal.name != "score"]
    return "、".join(clip(signal.detail, 40) for signal in against[:limit])


def evidence(case: Case, ctx: Ctx) -> str:
    """What led to it and what was said, as the end of a sentence; what there is not is left out."""
    why = reasons(case.signals)
    because = ctx.text("evidence_why", 依据=why) if why else ""
    return because + (ctx.text("evidence_said", 原文=clip(case.text, 120)) if case.text else "")


async def case_named(call: Call, ctx: Ctx, usage: str) -> Case:
    """The case of this group whose number the call gives. Raises CommandError."""
    number = case_digits(call.text)
    if not number:
        raise CommandError(ctx.text(usage))
    case = await ctx.cases.get(int(number))
    if case is None or case.group != ctx.group.id:
        raise CommandError(ctx.text("no_case", 编号=number))
    return case


async def punishable(member: Member, ctx: Ctx) -> Member:
    """The member, unless no rule may hit them. Raises CommandError."""
    if await ctx.members.role_of(member.id) >= Role.HELPER:
        raise CommandError(ctx.text("is_admin", 昵称=member.name))
    return member
