"""Plugin: the countdown block: days until what the group waits for, and the command that keeps them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date

from bot.actions import Action
from bot.commands import Call
from bot.context import Context
from bot.errors import CommandError
from bot.model import Role
from bot.text import clean_name, clip
from plugins.brief.plugin import Settings, plugin

MOST, SHOWN, LONGEST = 20, 3, 30
_DATE = re.compile(r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?=\s|$|[^\d])")
_DATE_LAST = re.compile(rf"(?<=[\s,，:：]){_DATE.pattern}$")
_LIST, _DELETE, _ADD = {"列表", "list"}, {"删", "删除", "delete"}, {"加", "添加", "add"}


@plugin.block("countdown", "倒计时")
async def countdown_block(ctx: Context[Settings], day: date, edition: str) -> str:
    coming = [(on, name) for _, on, name in await _kept(ctx) if on >= day][:SHOWN]
    return "\n".join(_say(ctx, on, name, day) for on, name in coming)


def _say(ctx: Context[Settings], on: date, name: str, day: date) -> str:
    days = (on - day).days
    return ctx.text("countdown_today", 名字=name) if days == 0 else ctx.text("countdown", 名字=name, 天数=days)


async def _kept(ctx: Context[Settings]) -> list[tuple[int, date, str]]:
    """Number, day and name of each, the nearest first."""
    found = []
    for key, value in (await ctx.notes.all("countdown:")).items():
        on, _, name = value.partition("|")
        found.append((int(key.rpartition(":")[2]), date.fromisoformat(on), name))
    return sorted(found, key=lambda one: (one[1], one[0]))


@plugin.command(
    "倒计时",
    "countdown",
    usage="日期 名字 | 列表 | 删 N",
    example="/倒计时 2027-06-07 高考",
    help="早报里倒数日子，如考试、年会",
    role=Role.ADMIN,
)
async def steer_countdown(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    words = call.words
    if not words or words[0] in _LIST:
        yield ctx.reply(call.event, await _list(ctx))
    elif words[0] in _DELETE:
        yield ctx.reply(call.event, await _delete(ctx, words[1] if len(words) > 1 else ""))
    else:
        rest = call.text.partition(" ")[2] if words[0] in _ADD else call.text
        yield ctx.reply(call.event, await _add(ctx, rest.strip()))


async def _add(ctx: Context[Settings], text: str) -> str:
    # 高考 6月7日 is as good as 6月7日 高考.
    found = _DATE.match(text) or _DATE_LAST.search(text)
    said = text[found.end() :] if found and not found.start() else text[: found.start()] if found else ""
    name = clean_name(said.strip(" ,，:："), LONGEST)
    if not found or not name:
        raise CommandError(ctx.text("countdown_how"))
    try:
        on = _day(found, ctx.today)
    except ValueError:
        raise CommandError(ctx.text("countdown_no_day", 日子=found[0].strip())) from None
    if on < ctx.today:
        raise CommandError(ctx.text("countdown_past", 日子=on.isoformat()))
    kept = await _kept(ctx)
    for number, when, _ in kept:
        if when < ctx.today:
            await ctx.notes.delete(f"countdown:{number}")
    if sum(when >= ctx.today for _, when, _ in kept) >= MOST:
        raise CommandError(ctx.text("countdown_many", 最多=MOST))
    number = max((number for number, _, _ in kept), default=0) + 1
    await ctx.notes.set(f"countdown:{number}", f"{on.isoformat()}|{name}")
    return ctx.text("countdown_added", 编号=number, 名字=name, 日子=on.isoformat(), 天数=(on - ctx.today).days)


def _day(found: re.Match[str], today: date) -> date:
    """Without a year the next such day. Raises ValueError for one that the calendar does not have."""
    month, number = int(found[2]), int(found[3])
    if found[1]:
        return date(int(found[1]), month, number)
    for year in range(today.year, today.year + 9):
        try:
            day = date(year, month, number)
        except ValueError:
            if (month, number) != (2, 29):
                raise
            continue
        if day >= today:
            return day
    raise ValueError(found[0])


async def _list(ctx: Context[Settings]) -> str:
    coming = [one for one in await _kept(ctx) if one[1] >= ctx.today]
    if not coming:
        return ctx.text("countdown_none")
    lines = [f"{number}. {on.isoformat()} {clip(_say(ctx, on, name, ctx.today), 40)}" for number, on, name in coming]
    return "\n".join([ctx.text("countdown_list", 总数=len(coming)), *lines])


async def _delete(ctx: Context[Settings], word: str) -> str:
    named = [number for number, _, name in await _kept(ctx) if name == word]
    number = int(word[:6]) if word.isdecimal() else named[0] if len(named) == 1 else 0
    if not number or not await ctx.notes.delete(f"countdown:{number}"):
        raise CommandError(ctx.text("countdown_which", 编号=clip(word, 10) or "?"))
    return ctx.text("countdown_deleted", 编号=number)
