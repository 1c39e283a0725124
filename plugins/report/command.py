"""Plugin: report: `/举报` and `/投票移出`: heard in the chat, answered in private, so that nobody is put on show."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from bot.actions import Action, OpenCase, Purpose, SendText
from bot.commands import Call
from bot.context import ArchivedMessage
from bot.errors import CommandError
from bot.model import Capability, Member, Role, Signal
from bot.number import case_digits
from bot.text import clip
from plugins.report import store
from plugins.report.case import REPORT, VOTE, judge
from plugins.report.plugin import Ctx, plugin
from plugins.report.voice import WHOLE, is_eligible, judged, weight

LATELY = timedelta(days=2)
"""How far back a quoted message is looked for."""
THANKS_AFTER = timedelta(minutes=1)
DAY = timedelta(days=1)
UNKNOWN_DAYS = 1e6
_VERDICTS = {"属实": True, "founded": True, "不实": False, "unfounded": False}


@dataclass(frozen=True, slots=True)
class Blame:
    """Who is meant and for what."""

    kind: str
    accused: Member
    reason: str
    said: ArchivedMessage | None = None


@plugin.command(
    "举报",
    "report",
    usage="（引用一条消息）或 @名 [理由]",
    example="/举报 @小王 一直发广告",
    help="悄悄告诉管理员谁在打扰大家",
)
async def report(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Counts once for each person; enough of them open a case. Admins say here what became of it, too."""
    verb, _, rest = call.text.partition(" ")
    if verb in _VERDICTS and case_digits(rest.strip()):
        yield ctx.reply(call.event, await judge(int(case_digits(rest.strip())), _VERDICTS[verb], call.asker, ctx))
        return
    async for action in _take(call, await _meant(call, ctx), ctx):
        yield action


@plugin.command(
    "投票移出",
    "voteout",
    usage="@名 [理由]",
    example="/投票移出 @小王 骂人",
    help="投一票，请管理员让他离开",
)
async def vote(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """A vote counts once for each person, for a short time."""
    if not ctx.settings.vote_needed:
        raise CommandError(ctx.text("no_votes"))
    async for action in _take(call, Blame(VOTE, ctx.one_named(call, "usage_vote"), clip(call.text, 100)), ctx):
        yield action


async def _meant(call: Call, ctx: Ctx) -> Blame:
    """The quoted message and its sender, or the member named."""
    quote, reason = call.event.quote, clip(call.text, 100)
    if quote is None or call.members:
        return Blame(REPORT, ctx.one_named(call, "usage"), reason)
    found = await ctx.archive.quoted(quote, since=ctx.now - LATELY)
    profile = await ctx.members.get(found.sender_id) if found is not None else None
    if found is None or profile is None:
        raise CommandError(ctx.text("quote_unknown"))
    return Blame(REPORT, profile.member, reason, found)


async def _take(call: Call, blame: Blame, ctx: Ctx) -> AsyncIterator[Action]:
    """Write it down, thank for it, and open a case once it is enough."""
    key, counts = await _standing(call.asker, blame, ctx)
    for action in await _thank(call, key, ctx):
        yield action
    if not counts:
        return
    row = {
        "group": ctx.group.id,
        "kind": blame.kind,
        "reporter": call.asker.id,
        "reporter_name": call.asker.name,
        "accused": blame.accused.id,
        "message_id": blame.said.id if blame.said else "",
        "text": blame.said.text[:500] if blame.said else "",
        "reason": blame.reason,
        "weight": await _weight(call.asker, ctx),
        "at": ctx.now,
    }
    await store.add(ctx.db, row)
    if (case := await _enough(blame, ctx)) is not None:
        yield case


async def _standing(asker: Member, blame: Blame, ctx: Ctx) -> tuple[str, bool]:
    """What to answer, and whether it is written down."""
    accused, settings = blame.accused, ctx.settings
    if accused.id == asker.id:
        return "yourself", False
    if await ctx.members.is_exempt(accused.id):
        return "exempt", False
    profile = await ctx.members.get(accused.id)
    if profile is None or not profile.present:
        return "gone", False
    within = settings.within if blame.kind == REPORT else settings.vote_within
    if await store.has_said(ctx.db, ctx.group.id, blame.kind, asker.id, accused.id, ctx.now - within):
        return "again", False
    if await store.blamed_lately(ctx.db, ctx.group.id, asker.id, ctx.now - DAY) >= settings.per_day:
        return "too_many", False
    return ("thanks" if blame.kind == REPORT else "voted"), True


async def _weight(asker: Member, ctx: Ctx) -> int:
    """Nothing of somebody who has just come; all of an admin; of others less when they were wrong before."""
    if await ctx.members.role_of(asker.id) >= Role.HELPER:
        return WHOLE * max(ctx.settings.needed, ctx.settings.vote_needed)
    profile = await ctx.members.get(asker.id)
    since = profile.joined_at if profile is not None else None
    days = (ctx.now - since) / DAY if since is not None else UNKNOWN_DAYS
    settings = ctx.settings
    if not is_eligible(profile, days, member_days=settings.member_days, messages=settings.messages):
        return 0
    numbers = await store.cases_of(ctx.db, ctx.group.id, asker.id, ctx.now - settings.memory)
    cases = [case for number in numbers if (case := await ctx.cases.get(number)) is not None]
    return weight(judged(cases))


async def _enough(blame: Blame, ctx: Ctx) -> OpenCase | None:
    """The case, once enough voices that count are together."""
    settings = ctx.settings
    is_report = blame.kind == REPORT
    within, needed = (settings.within, settings.needed) if is_report else (settings.vote_within, settings.vote_needed)
    rows = await store.waiting(ctx.db, ctx.group.id, blame.kind, blame.accused.id, ctx.now - within)
    if sum(row.weight for row in rows) < WHOLE * needed:
        return None
    said = next((row for row in reversed(rows) if row.text), None)
    signals = tuple(
        Signal(blame.kind, clip(f"{row.reporter_name}：{row.reason or ctx.text('no_reason')}", 60), row.weight / WHOLE)
        for row in rows
        if row.weight
    )
    return OpenCase(
        group=ctx.group.id,
        member=blame.accused,
        verdict=blame.kind,
        signals=signals,
        message_id=said.message_id if said else "",
        text=said.text if said else "",
    )


async def _thank(call: Call, key: str, ctx: Ctx) -> list[Action]:
    """In private where that is possible; else one line for everybody who reports within a minute."""
    if not call.event.group:
        return [ctx.reply(call.event, ctx.text(key))]
    if Capability.PRIVATE in ctx.capabilities:
        told = SendText(group=ctx.group.id, to=call.asker.id, text=ctx.text(key), purpose=Purpose.REPLY)
        return [told]
    await ctx.timers.start("thanks", THANKS_AFTER)
    return []
