"""Plugin: digest: `/摘要`: for whoever was away, and the group's own setting."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta

from bot.actions import Action, Purpose, SendText
from bot.commands import OFF, Call
from bot.duration import parse_duration
from bot.errors import CommandError
from bot.events import ErrandDone
from bot.model import Role
from bot.number import read_number
from bot.timeofday import parse_time
from plugins.digest.compute import Digest
from plugins.digest.gather import MOST, SILENT, computation
from plugins.digest.plugin import Ctx, plugin
from plugins.digest.say import digest_text

_TODAY, _YESTERDAY = {"", "今天", "今日", "today"}, {"昨天", "昨日", "yesterday"}
_SILENCE, _SPEAK = {"别引用我", "不要引用我", "silence"}, {"可以引用我", "引用我", "quote"}
_DAILY = re.compile(r"(?:每天|每日|daily)\s*(?P<at>.+)")
LONGEST = timedelta(days=3)
_SEEN = timedelta(minutes=10)
"""So long a digest in the group can be read above, whoever asked for it."""


@plugin.command(
    "摘要",
    "digest",
    usage="[今天|昨天|3小时] | 别引用我 | 每天 21:30 | 关",
    example="/摘要 3小时",
    help="刚才聊了什么，一眼看完；句句有出处",
)
async def tell(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    word = call.text.strip()
    if word in _SILENCE:
        await ctx.notes.set(SILENT + call.asker.id, "1")
        yield ctx.reply(call.event, ctx.text("silent"))
    elif word in _SPEAK:
        await ctx.notes.delete(SILENT + call.asker.id)
        yield ctx.reply(call.event, ctx.text("spoken"))
    elif (daily := _DAILY.fullmatch(word)) or word in OFF:
        yield ctx.reply(call.event, await _set_daily(call, ctx, daily["at"] if daily else ""))
    else:
        start, end, title = _span(ctx, word)
        await _spend(call, ctx, title)
        said = await ctx.archive.taken_in(0, since=start, limit=MOST)
        before = [one for one in said if one.at < end and one.id != call.event.id]
        payload = {"for": "asker", "to": call.asker.id, "name": call.asker.name, "title": title}
        yield await computation(ctx, before, payload | ({"private": "1"} if not call.event.group else {}))


async def _spend(call: Call, ctx: Ctx, title: str) -> None:
    """A member may ask again only after a while, and a group hears the same once; a wrong word costs nothing."""
    if await ctx.members.role_of(call.asker.id) >= Role.HELPER:
        return
    if not await ctx.once(f"asked:{call.asker.id}", lasts=ctx.settings.again):
        raise CommandError(ctx.text("too_soon", 分钟=round(ctx.settings.again.total_seconds() / 60)))
    if call.event.group and not await ctx.once(f"shown:{title}", lasts=_SEEN):
        raise CommandError(ctx.text("just_now"))


def _span(ctx: Ctx, word: str) -> tuple[datetime, datetime, str]:
    """From when to when, and what that is called. Raises CommandError."""
    zone = ctx.group.zone
    midnight = datetime.combine(ctx.today, time(0), zone)
    if word in _TODAY:
        return midnight.astimezone(UTC), ctx.now + timedelta(seconds=1), ctx.text("title_today")
    if word in _YESTERDAY:
        day_before = datetime.combine(ctx.today - timedelta(days=1), time(0), zone)
        return day_before.astimezone(UTC), midnight.astimezone(UTC), ctx.text("title_yesterday")
    try:
        length = parse_duration(_digits(word))
    except ValueError:
        raise CommandError(ctx.text("wrong_span", 词=word[:10])) from None
    if not timedelta(0) < length <= LONGEST:
        raise CommandError(ctx.text("wrong_length"))
    return ctx.now - length, ctx.now + timedelta(seconds=1), ctx.text("title_span", 时长=word)


def _digits(word: str) -> str:
    """`三小时` as parse_duration reads it."""
    found = re.fullmatch(r"(?:最近|近|过去)?\s*([零〇一二两三四五六七八九十百半]+|\d+)\s*个?(.+)", word)
    if not found:
        return word
    if found[1] == "半":
        return f"0.5{found[2]}"
    try:
        return f"{read_number(found[1])}{found[2]}"
    except ValueError:
        return word


async def _set_daily(call: Call, ctx: Ctx, at: str) -> str:
    if await ctx.members.role_of(call.asker.id) < Role.ADMIN:
        raise CommandError(ctx.text("admins_only"))
    if not at:
        await ctx.group_settings.set("digest.post", False, by=call.asker.id)
        return ctx.text("not_posted")
    try:
        when = parse_time(at)
    except ValueError:
        raise CommandError(ctx.text("wrong_time")) from None
    await ctx.group_settings.set("digest.at", f"{when:%H:%M}", by=call.asker.id)
    await ctx.group_settings.set("digest.post", True, by=call.asker.id)
    return ctx.text("posted", 时间=f"{when:%H:%M}")


@plugin.on(ErrandDone, when=lambda event: event.payload.get("for") == "asker")
async def answer(event: ErrandDone, ctx: Ctx) -> AsyncIterator[Action]:
    """Where it was asked; the asker has waited a moment."""
    payload = event.payload
    text = ctx.text("failed")
    if not event.error:
        text = digest_text(ctx, Digest.load(event.text), payload["title"])
    to = payload["to"] if "private" in payload else ""
    yield SendText(group=ctx.group.id, to=to, text=text, purpose=Purpose.REPLY)
