"""Plugin: appeal: `/申诉 W3 理由`: written in private, also by somebody who has been removed; the admins get it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action, NotifyAdmins
from bot.commands import Call
from bot.context import Case
from bot.errors import CommandError
from bot.events import MemberForgotten, TimerDue
from bot.number import case_digits
from bot.text import clip
from plugins.appeal import store
from plugins.appeal.plugin import Ctx, plugin

SHOWN = 3
GROUPS = 50
_FINAL = frozenset({"undone", "paid", "withdrawn", "dropped"})
"""Nothing of these is left to be taken back."""


@plugin.command(
    "申诉",
    "appeal",
    usage="W编号 理由",
    example="/申诉 W3 那是我自己的书，不是广告",
    help="私聊：觉得处理错了，请管理员再看一次",
    group=False,
    personal=True,
)
async def appeal(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Once for each case; the group is the case's own, whatever group the asker is still in."""
    number, _, reason = call.text.partition(" ")
    if not case_digits(number) or not reason.strip():
        raise CommandError(ctx.text("usage") + await _own_cases(call, ctx))
    case = await _case(call, int(case_digits(number)), ctx)
    there = await _inside(case.group, ctx)
    if (kept := await store.get(ctx.db, case.no)) is not None:
        raise CommandError(ctx.text(f"again_{kept.state}", 编号=case.no))
    if case.state in _FINAL:
        raise CommandError(ctx.text("nothing_left", 编号=case.no))
    if case.opened_at < ctx.now - there.settings.within:
        raise CommandError(ctx.text("too_late", 编号=case.no))
    said = clip(reason, 300)
    await store.add(ctx.db, case.no, case.group, (call.asker.id, case.member.name), said, ctx.now)
    if there.settings.remind is not None:
        await there.timers.start(f"appeal:{case.no}", there.settings.remind, payload={"case": str(case.no)})
    yield _tell(case, said, "admins", there)
    yield ctx.reply(call.event, ctx.text("sent", 编号=case.no))


async def _case(call: Call, number: int, ctx: Ctx) -> Case:
    """Their own case: of others' cases nobody learns even that they exist. Raises CommandError."""
    case = await ctx.cases.get(number)
    if case is None or case.member.id != call.asker.id:
        raise CommandError(ctx.text("no_case", 编号=number) + await _own_cases(call, ctx))
    return case


async def _own_cases(call: Call, ctx: Ctx) -> str:
    """The asker's newest cases that may be appealed, as a hint."""
    found: list[Case] = []
    for group in (await ctx.groups())[:GROUPS]:
        there = ctx.inside(group)
        cases = await there.cases.of(call.asker.id, since=ctx.now - there.settings.within)
        found += [case for case in cases if case.state not in _FINAL]
    newest = sorted(found, key=lambda case: case.no, reverse=True)[:SHOWN]
    return ctx.text("own_cases", 名单="、".join(f"W{case.no}" for case in newest)) if newest else ""


async def _inside(group: str, ctx: Ctx) -> Ctx:
    """The same from the case's group."""
    return next((ctx.inside(each) for each in await ctx.groups() if each.id == group), ctx)


def _tell(case: Case, said: str, key: str, there: Ctx) -> NotifyAdmins:
    """The admins see what they need to decide, and the two words."""
    against = [signal for signal in case.signals if signal.weight > 0 and signal.name != "score"]
    evidence = "、".join(clip(signal.detail, 40) for signal in against)
    text = there.text(
        key,
        昵称=case.member.name,
        编号=case.no,
        理由=said,
        依据=clip(evidence, 100) or there.text("nothing"),
        原文=clip(case.text, 120) or there.text("nothing"),
    )
    return NotifyAdmins(group=case.group, case=case.no, text=text)


@plugin.on(TimerDue)
async def remind(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    """Nobody has answered yet: once more."""
    number = int(event.payload["case"])
    kept, case = await store.get(ctx.db, number), await ctx.cases.get(number)
    if kept is not None and case is not None and kept.state == store.WAITING:
        yield _tell(case, kept.reason, "admins_again", ctx)


@plugin.on(MemberForgotten)
async def forget(event: MemberForgotten, ctx: Ctx) -> AsyncIterator[Action]:
    """Their appeals go with them."""
    await store.forget(ctx.db, event.group, event.member.id)
    return
    yield
