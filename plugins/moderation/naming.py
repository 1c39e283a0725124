"""Plugin: moderation: a nickname that advertises: its bearer is asked in private, the group hears nothing of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action, Purpose, SendText
from bot.events import CaseOpened, TimerDue
from bot.model import Capability
from plugins.moderation.court import remove
from plugins.moderation.plugin import NAME, plugin
from plugins.moderation.say import Ctx, tell_admins, verdict_name


@plugin.on(CaseOpened, when=lambda event: event.verdict == NAME)
async def ask(event: CaseOpened, ctx: Ctx) -> AsyncIterator[Action]:
    """Ask for another name and wait; where nobody can be written to, the admins decide at once."""
    case = await ctx.cases.get(event.case)
    if case is None:
        return
    await ctx.cases.settle(case.no, "warned")
    grace = ctx.settings.name_grace
    if Capability.PRIVATE not in ctx.capabilities:
        await ctx.cases.settle(case.no, "closed")
        yield tell_admins(ctx, case.no, ctx.text("admins_name_decide", 昵称=case.member.name, 编号=case.no))
        return
    await ctx.timers.start(f"name:{case.no}", grace, payload={"case": str(case.no)})
    yield SendText(
        group=ctx.group.id,
        case=case.no,
        to=case.member.id,
        text=ctx.text("name_asked", 群名=ctx.group.topic, 时长=ctx.say_duration(grace), 编号=case.no),
        purpose=Purpose.ENFORCEMENT,
    )
    yield tell_admins(
        ctx, case.no, ctx.text("admins_name_asked", 昵称=case.member.name, 时长=ctx.say_duration(grace), 编号=case.no)
    )


@plugin.on(TimerDue, when=lambda event: event.name.startswith("name:"))
async def look_again(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    """The time to change a nickname is over; had it been changed, the case would be closed."""
    case = await ctx.cases.get(int(event.payload["case"]))
    if case is None or case.state != "warned":
        return
    if NAME in ctx.settings.remove_for:
        async for action in remove(case, ctx, verdict_name(ctx, NAME)):
            yield action
        return
    await ctx.cases.settle(case.no, "closed")
    yield tell_admins(ctx, case.no, ctx.text("admins_name_decide", 昵称=case.member.name, 编号=case.no))
