"""Plugin: the birthday block: whose it is today, of those who said so themselves."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta

from bot.actions import Action
from bot.commands import Call
from bot.context import Context
from bot.errors import CommandError
from bot.events import MemberForgotten, MessageReceived
from bot.number import read_number
from bot.text import clean_name, normalise, say_many
from plugins.brief import calendar
from plugins.brief.plugin import Settings, plugin

SHOWN = 8
LONGEST_INTRODUCTION = 600
_NUMBER = r"(\d{1,2}|[一二三四五六七八九十]{1,3})"
_SUN = re.compile(rf"{_NUMBER}\s*[月/.-]\s*{_NUMBER}\s*[日号]?(?!\d)")
_MOON = re.compile(
    r"(?:农历|阴历|旧历)\s*(正|[一二三四五六七八九十冬腊]{1,2}|\d{1,2})\s*月\s*(初|廿|卅)?(\d{1,2}|[一二三四五六七八九十]{1,3})"
)
_SAID = re.compile(r"生日\s*(?:是|在|为|[::])?\s*((?:农历|阴历|旧历|阳历|公历)?\s*[^\s,，。;；]{2,12})")
_INTRODUCES = ("我叫", "我是", "大家好", "坐标", "介绍", "来自", "昵称", "姓名")
_DELETE = {"删", "删除", "关", "取消", "delete", "off"}
_MONTHS = {"正": 1, "冬": 11, "腊": 12}
_TENS = {"初": 0, "廿": 20, "卅": 30}
_LEAP = 2000
"""A year that has every day; no year is kept."""


@plugin.block("birthday", "生日")
async def birthday_block(ctx: Context[Settings], day: date, edition: str) -> str:
    moon = calendar.moon_of(day)
    eve = calendar.moon_of(day + timedelta(days=1))
    today = {f"{day:%m-%d}", f"moon {moon[0]}-{moon[1]}"}
    if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3:
        today.add("02-29")
    if moon[1] == 29 and eve[1] == 1:
        today.add(f"moon {moon[0]}-30")
    whose = [key.partition(":")[2] for key, said in (await ctx.notes.all("birthday:")).items() if said in today]
    profiles = [profile for who in whose if (profile := await ctx.members.get(who)) and profile.present]
    if not profiles:
        return ""
    return ctx.text("birthday", 名单=say_many([clean_name(profile.name, 12) for profile in profiles], SHOWN))


def read_birthday(text: str) -> str | None:
    """`03-05`, or `moon 8-15` for a lunar one; None when the text is no day of the year."""
    plain = normalise(text)
    if found := _MOON.search(plain):
        month = _MONTHS.get(found[1]) or _count(found[1])
        number = _TENS.get(found[2] or "", 0) + _count(found[3])
        return f"moon {month}-{number}" if 1 <= month <= 12 and 1 <= number <= 30 else None
    if (found := _SUN.search(plain)) and not any(word in plain for word in ("农历", "阴历", "旧历")):
        try:
            return f"{date(_LEAP, _count(found[1]), _count(found[2])):%m-%d}"
        except ValueError:
            return None
    return None


def _count(text: str) -> int:
    return int(text) if text.isdecimal() else read_number(text)


def said_in_introduction(text: str) -> str | None:
    """The birthday somebody tells of themselves while they introduce themselves."""
    if len(text) > LONGEST_INTRODUCTION or not any(word in text for word in _INTRODUCES):
        return None
    found = _SAID.search(text)
    return read_birthday(found[1]) if found else None


@plugin.on(MessageReceived, when=lambda event: "生日" in event.text and bool(event.group))
async def hear(event: MessageReceived, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """Kept without a word: an introduction is answered by whoever answers introductions."""
    key = f"birthday:{event.sender.id}"
    if (told := said_in_introduction(event.text)) and await ctx.notes.get(key) is None:
        await ctx.notes.set(key, told)
    return
    yield


@plugin.on(MemberForgotten)
async def forget(event: MemberForgotten, ctx: Context[Settings]) -> AsyncIterator[Action]:
    await ctx.notes.delete(f"birthday:{event.member.id}")
    return
    yield


@plugin.command(
    "生日",
    "birthday",
    usage="3月5日 | 农历八月十五 | 删",
    example="/生日 3月5日",
    help="那天早报里祝你生日快乐，只说几月几日",
)
async def keep_birthday(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    key = f"birthday:{call.asker.id}"
    if not call.text:
        kept = await ctx.notes.get(key)
        yield ctx.reply(
            call.event, ctx.text("birthday_is", 日子=_say(ctx, kept)) if kept else ctx.text("birthday_none")
        )
    elif call.words[0] in _DELETE:
        await ctx.notes.delete(key)
        yield ctx.reply(call.event, ctx.text("birthday_gone"))
    elif (told := read_birthday(call.text)) is None:
        raise CommandError(ctx.text("birthday_how"))
    else:
        await ctx.notes.set(key, told)
        yield ctx.reply(call.event, ctx.text("birthday_kept", 日子=_say(ctx, told)))


def _say(ctx: Context[Settings], kept: str) -> str:
    if kept.startswith("moon "):
        month, _, number = kept[5:].partition("-")
        return ctx.text("lunar", 农历=calendar.moon_text(int(month), int(number)))
    return ctx.say_day(date(_LEAP, int(kept[:2]), int(kept[3:])))
