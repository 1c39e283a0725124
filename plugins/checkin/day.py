"""Plugin: checkin: the notice in the morning, the list in the evening, the end of a challenge."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

from bot.actions import Action, Purpose, SendText
from bot.events import JobDue
from bot.text import clip, say_many
from plugins.checkin import store
from plugins.checkin.plugin import HUSHED, Ctx, is_open, name_of, plugin, running, streak_of
from plugins.checkin.store import Challenge

LATE = timedelta(hours=2)
SHOWN = 10
_MEDALS = ("🥇", "🥈", "🥉")


@plugin.daily(lambda settings: settings.notice, name="notice", late=LATE)
async def remind(event: JobDue, ctx: Ctx) -> AsyncIterator[Action]:
    today = event.due_at.astimezone(ctx.group.zone).date()
    for over in await store.challenges_of(ctx.db, ctx.group.id):
        if over.last_on < today and not over.closed:
            await store.close(ctx.db, ctx.group.id, over.no)
            yield SendText(group=ctx.group.id, text=await ending(ctx, over), purpose=Purpose.BROADCAST)
    challenge = await running(ctx, today)
    if challenge is not None and not _in_brief(ctx):
        text = f"{_headline(ctx, challenge, today)}\n{ctx.text('how_short')}"
        yield SendText(group=ctx.group.id, text=text, purpose=Purpose.BROADCAST)


def _in_brief(ctx: Ctx) -> bool:
    """Whether the morning brief goes out in the same minute and says it already."""
    try:
        brief = ctx.section("brief")
    except KeyError:
        return False
    return brief.morning == ctx.settings.notice and "challenge" in brief.morning_blocks


def _headline(ctx: Ctx, challenge: Challenge, day: date) -> str:
    values = {"天数": challenge.length, "第几": (day - challenge.first_on).days + 1, "内容": clip(challenge.text, 40)}
    return ctx.text("headline", **values)


@plugin.block("challenge", "打卡")
async def challenge_block(ctx: Ctx, day: date, edition: str) -> str:
    challenge = await running(ctx, day)
    return _headline(ctx, challenge, day) if challenge is not None and edition == "morning" else ""


@plugin.daily(lambda settings: settings.list_at, name="list", late=LATE)
async def publish(event: JobDue, ctx: Ctx) -> AsyncIterator[Action]:
    # By the day it was due on: a bot that was away may come to it after midnight.
    day = event.due_at.astimezone(ctx.group.zone).date()
    if not await is_open(ctx, day):
        return
    # A task alone may have asked for no check-in at all; then nobody is told that nobody came.
    if await running(ctx, day) is not None or await store.on_day(ctx.db, ctx.group.id, day):
        yield SendText(group=ctx.group.id, text=await list_of(ctx, day), purpose=Purpose.BROADCAST)


async def list_of(ctx: Ctx, day: date) -> str:
    """Who came, and kindly who has not yet."""
    came = await store.on_day(ctx.db, ctx.group.id, day)
    named = []
    for member_id in came[: SHOWN * 2]:
        length = await streak_of(ctx, member_id)
        key = "came_days" if length > 1 else "came_one"
        named.append(ctx.text(key, 昵称=await name_of(ctx, member_id), 天数=length))
    lines = [ctx.text("today_none")]
    if came:
        more = ctx.text("more", 人数=len(came)) if len(came) > len(named) else ""
        lines = [ctx.text("today", 人数=len(came)), ctx.text("and").join(named) + more]
    if missing := await _missing(ctx, set(came), day):
        lines.append(ctx.text("missing", 名单=say_many(missing, SHOWN)))
    return "\n".join(lines)


async def _missing(ctx: Ctx, came: set[str], day: date) -> list[str]:
    """Those who come usually or have joined the challenge, are still here, and do not mind being named."""
    challenge = await running(ctx, day)
    first = day - timedelta(days=ctx.settings.regular_days)
    if challenge is not None:
        first = min(first, challenge.first_on)
    hushed = await ctx.notes.all(HUSHED)
    names = []
    for member_id, _ in await store.counts(ctx.db, ctx.group.id, first, day):
        if member_id in came or HUSHED + member_id in hushed:
            continue
        profile = await ctx.members.get(member_id)
        if profile is not None and profile.present:
            names.append(await name_of(ctx, member_id))
    return names


async def ranking(ctx: Ctx, first: date, last: date) -> list[str]:
    """The best ten of these days, one a line."""
    lines = []
    for place, (member_id, days) in enumerate((await store.counts(ctx.db, ctx.group.id, first, last))[:SHOWN]):
        mark = _MEDALS[place] if place < len(_MEDALS) else f"{place + 1}."
        lines.append(ctx.text("rank_line", 名次=mark, 昵称=await name_of(ctx, member_id), 天数=days))
    return lines


async def ending(ctx: Ctx, challenge: Challenge) -> str:
    """What is said when a challenge is over: who kept it up, and who came most."""
    found = await store.counts(ctx.db, ctx.group.id, challenge.first_on, challenge.last_on)
    lines = [ctx.text("over", 天数=challenge.length, 内容=clip(challenge.text, 40), 人数=len(found))]
    whole = [await name_of(ctx, member_id) for member_id, days in found if days >= challenge.length]
    if whole:
        lines.append(ctx.text("whole", 名单=say_many(whole)))
    return "\n".join([*lines, *await ranking(ctx, challenge.first_on, challenge.last_on)])
