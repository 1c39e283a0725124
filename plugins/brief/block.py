"""Plugin: the blocks a brief is made of, and putting them together."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta

from bot.context import Context, DayNumbers
from bot.text import clean_name, clip
from plugins.brief import calendar, store
from plugins.brief.plugin import Settings
from plugins.brief.store import Task

log = logging.getLogger(__name__)
Block = Callable[[Context[Settings], date], Awaitable[str]]
TASK_LINES = 4
FAULTS = (LookupError, ValueError, ArithmeticError)
"""What a calendar or a template raises about a day it does not know; anything else is a defect and is not hidden."""


async def assemble(ctx: Context[Settings], day: date, names: Sequence[str], blocks: Mapping[str, Block]) -> list[str]:
    """The text of each block that has something to say; one that fails is left out with a line in the log."""
    said = []
    for name in names:
        try:
            text = await blocks[name](ctx, day)
        except FAULTS as error:
            log.warning("brief block left out: %s in %s on %s: %r", name, ctx.group.id, day, error)
            continue
        if text:
            said.append(text)
    return said


def shown_tasks(tasks: Sequence[Task]) -> Sequence[Task]:
    """Those that a brief names; the rest are only counted."""
    return tasks if len(tasks) <= TASK_LINES else tasks[: TASK_LINES - 1]


async def date_block(ctx: Context[Settings], day: date) -> str:
    parts = [
        ctx.text("date", 月=day.month, 日=day.day, 星期=ctx.text(f"weekday_{day.weekday()}")),
        ctx.text("lunar", 农历=calendar.lunar_text(day)),
    ]
    parts += calendar.festivals_on(day)
    if term := calendar.term_on(day):
        parts.append(ctx.text("term", 节气=term))
    else:
        term, days = calendar.next_term(day)
        if days <= ctx.settings.term_days:
            parts.append(ctx.text("term_tomorrow" if days == 1 else "term_soon", 节气=term, 天数=days))
    return " · ".join(parts)


async def holiday_block(ctx: Context[Settings], day: date) -> str:
    overrides = ctx.settings.overrides
    today = calendar.holiday_on(day, overrides)
    if today and not today.off:
        return ctx.text("work_today", 节日=today.name)
    if today and not today.published:
        return ctx.text("unpublished_today", 节日=today.name, 年=day.year)
    if today:
        return ctx.text("holiday_today", 节日=today.name, 第几=(day - today.first).days + 1, 天数=today.length)
    soon = calendar.next_holiday(day, ctx.settings.holiday_days, overrides)
    return _coming(ctx, *soon) if soon else ""


def _coming(ctx: Context[Settings], holiday: calendar.Holiday, days: int) -> str:
    """A holiday that begins in `days` days."""
    when = "tomorrow" if days == 1 else "soon"
    if not holiday.published:
        return ctx.text(f"unpublished_{when}", 节日=holiday.name, 天数=days, 年=holiday.first.year)
    return ctx.text(f"holiday_{when}", 节日=holiday.name, 天数=days, 几天=holiday.length, 放假=_span(ctx, holiday))


async def tomorrow_block(ctx: Context[Settings], day: date) -> str:
    """For the evening: only what changes tomorrow's plans."""
    tomorrow = day + timedelta(days=1)
    holiday = calendar.holiday_on(tomorrow, ctx.settings.overrides)
    if holiday and not holiday.off:
        return ctx.text("work_tomorrow", 节日=holiday.name)
    if holiday and holiday.first == tomorrow:
        return _coming(ctx, holiday, 1)
    today = calendar.holiday_on(day, ctx.settings.overrides)
    if today and today.off and today.published and today.last == day and tomorrow.weekday() < 5:
        return ctx.text("holiday_over", 节日=today.name)
    return ""


async def yesterday_block(ctx: Context[Settings], day: date) -> str:
    before = day - timedelta(days=1)
    return await _numbers(ctx, await ctx.members.numbers(before, before), "yesterday")


async def today_block(ctx: Context[Settings], day: date) -> str:
    return await _numbers(ctx, await ctx.members.numbers(day, day), "today")


async def tasks_block(ctx: Context[Settings], day: date) -> str:
    found = await store.between(ctx.db, ctx.group.id, day, day)
    lines = [ctx.text("tasks_title")] if found else []
    for task in shown_tasks(found):
        hour = f"{task.due_at.astimezone(ctx.group.zone):%H:%M} " if task.due_at else ""
        lines.append(f"· {hour}{clip(task.text, 40)}")
    if len(found) > len(lines) - 1 and found:
        lines.append(ctx.text("tasks_more", 总数=len(found)))
    return "\n".join(lines)


async def _numbers(ctx: Context[Settings], numbers: DayNumbers, when: str) -> str:
    said = [ctx.text(f"{when}_quiet")]
    if numbers.messages:
        said = [ctx.text(f"{when}_messages", 条数=numbers.messages, 人数=numbers.speakers)]
    if numbers.joined:
        said.append(ctx.text("joined", 人数=numbers.joined))
    if numbers.left:
        said.append(ctx.text("left", 人数=numbers.left))
    line = ctx.text("comma").join(said)
    best = []
    for member_id, count in numbers.top[:3]:
        if profile := await ctx.members.get(member_id):
            best.append(ctx.text("top_one", 昵称=clean_name(profile.name, 12), 条数=count))
    return f"{line}\n{ctx.text('top', 名单=ctx.text('and').join(best))}" if best else line


def _span(ctx: Context[Settings], holiday: calendar.Holiday) -> str:
    first, last = (ctx.text("day", 月=day.month, 日=day.day) for day in (holiday.first, holiday.last))
    return first if first == last else f"{first}–{last}"


BLOCKS: dict[str, Block] = {
    "date": date_block,
    "holiday": holiday_block,
    "yesterday": yesterday_block,
    "today": today_block,
    "tasks": tasks_block,
    "tomorrow": tomorrow_block,
}
