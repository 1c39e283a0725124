"""Plugin: report: a case that members opened: the admins decide, the reported hears nothing of it in public."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action, NotifyAdmins, Purpose, RemoveMember, SendText
from bot.context import Case
from bot.errors import CommandError
from bot.events import CaseOpened, CaseOverturned, TimerDue
from bot.model import Member, Role
from bot.text import clip
from plugins.report import store
from plugins.report.plugin import Ctx, plugin
from plugins.report.voice import EXPIRED

REPORT, VOTE = "report", "vote"


@plugin.on(CaseOpened, when=lambda event: event.plugin == "report")
async def tell(event: CaseOpened, ctx: Ctx) -> AsyncIterator[Action]:
    """Ask the admins, or carry out a vote where the group wants that."""
    case, settings = await ctx.cases.get(event.case), ctx.settings
    if case is None:
        return
    within = settings.within if case.verdict == REPORT else settings.vote_within
    await store.attach(ctx.db, ctx.group.id, case.verdict, case.member.id, ctx.now - within, case.no)
    if case.verdict == VOTE and settings.vote_removes:
        await ctx.cases.settle(case.no, "removing")
        reason = ctx.text("voted_out", 编号=case.no, 人数=len(case.signals))
        yield RemoveMember(group=ctx.group.id, case=case.no, member=case.member, reason=reason)
        return
    await ctx.timers.start(f"case:{case.no}", settings.decide_within, payload={"case": str(case.no)})
    reasons = "、".join(dict.fromkeys(clip(signal.detail.partition("：")[2], 30) for signal in case.signals[:5]))
    said = ctx.text("said", 原文=clip(case.text, 120)) if case.text else ""
    key = "admins_report" if case.verdict == REPORT else "admins_vote"
    text = ctx.text(key, 昵称=case.member.name, 编号=case.no, 人数=len(case.signals), 理由=reasons, 原文=said)
    yield NotifyAdmins(group=ctx.group.id, case=case.no, text=text)


@plugin.on(TimerDue)
async def ring(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    """Nobody decided: it is over. Or: thanks to all who reported within the last minute."""
    if event.name == "thanks":
        yield SendText(group=ctx.group.id, text=ctx.text("thanks_all"), purpose=Purpose.SERVICE)
        return
    case = await ctx.cases.get(int(event.payload["case"]))
    if case is not None and case.state == "open":
        await ctx.cases.settle(case.no, "closed", note=EXPIRED)


async def judge(number: int, founded: bool, by: Member, ctx: Ctx) -> str:
    """An admin's word about a report without anything else coming of it. Raises CommandError."""
    if max(by.role, await ctx.members.role_of(by.id)) < Role.MODERATOR:
        raise CommandError(ctx.text("admins_only"))
    case = await ctx.cases.get(number)
    if case is None or case.group != ctx.group.id or case.plugin != ctx.plugin:
        raise CommandError(ctx.text("no_case", 编号=number))
    if case.state != "open":
        raise CommandError(ctx.text("decided", 编号=number))
    await _end(case, ctx)
    await ctx.cases.settle(case.no, "closed" if founded else "undone", by=by.id, note="founded" if founded else "")
    return ctx.text("founded" if founded else "unfounded", 编号=number)


async def _end(case: Case, ctx: Ctx) -> None:
    await ctx.timers.cancel(f"case:{case.no}")


@plugin.on(CaseOverturned)
async def stop_waiting(event: CaseOverturned, ctx: Ctx) -> AsyncIterator[Action]:
    """Decided by another way."""
    await ctx.timers.cancel(f"case:{event.case}")
    return
    yield
