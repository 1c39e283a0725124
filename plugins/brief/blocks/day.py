"""Plugin: blocks about the day: date, lunar day, solar term, festivals, days off, and what tomorrow changes."""

from __future__ import annotations

from datetime import date, timedelta

from bot.context import Context
from plugins.brief import calendar
from plugins.brief.english import lunar_of, name_of
from plugins.brief.plugin import Settings, plugin


@plugin.block("date", "日期")
async def date_block(ctx: Context[Settings], day: date, edition: str) -> str:
    parts = [
        ctx.text("date", 月=day.month, 日=day.day, 星期=ctx.text(f"weekday_{day.weekday()}")),
        ctx.text("lunar", 农历=lunar_of(ctx, day)),
    ]
    parts += [name_of(ctx, festival) for festival in calendar.festivals_on(day)]
    if term := calendar.term_on(day):
        parts.append(ctx.text("term", 节气=name_of(ctx, term)))
    else:
        term, days = calendar.next_term(day)
        if days <= ctx.settings.term_days:
            parts.append(ctx.text("term_tomorrow" if days == 1 else "term_soon", 节气=name_of(ctx, term), 天数=days))
    return " · ".join(parts)


@plugin.block("holiday", "放假")
async def holiday_block(ctx: Context[Settings], day: date, edition: str) -> str:
    overrides = ctx.settings.overrides
    today = calendar.holiday_on(day, overrides)
    if today and not today.off:
        return ctx.text("work_today", 节日=name_of(ctx, today.name))
    if today and not today.published:
        return ctx.text("unpublished_today", 节日=name_of(ctx, today.name), 年=day.year)
    if today:
        return ctx.text(
            "holiday_today", 节日=name_of(ctx, today.name), 第几=(day - today.first).days + 1, 天数=today.length
        )
    soon = calendar.next_holiday(day, ctx.settings.holiday_days, overrides)
    return _coming(ctx, *soon) if soon else ""


@plugin.block("tomorrow", "明天")
async def tomorrow_block(ctx: Context[Settings], day: date, edition: str) -> str:
    """For the evening: only what changes tomorrow's plans."""
    tomorrow = day + timedelta(days=1)
    holiday = calendar.holiday_on(tomorrow, ctx.settings.overrides)
    if holiday and not holiday.off:
        return ctx.text("work_tomorrow", 节日=name_of(ctx, holiday.name))
    if holiday and holiday.first == tomorrow:
        return _coming(ctx, holiday, 1)
    today = calendar.holiday_on(day, ctx.settings.overrides)
    if today and today.off and today.published and today.last == day and tomorrow.weekday() < 5:
        return ctx.text("holiday_over", 节日=name_of(ctx, today.name))
    return ""


def _coming(ctx: Context[Settings], holiday: calendar.Holiday, days: int) -> str:
    """A holiday that begins in `days` days."""
    when = "tomorrow" if days == 1 else "soon"
    if not holiday.published:
        return ctx.text(f"unpublished_{when}", 节日=name_of(ctx, holiday.name), 天数=days, 年=holiday.first.year)
    return ctx.text(
        f"holiday_{when}", 节日=name_of(ctx, holiday.name), 天数=days, 几天=holiday.length, 放假=_span(ctx, holiday)
    )


def _span(ctx: Context[Settings], holiday: calendar.Holiday) -> str:
    first, last = (ctx.say_day(day) for day in (holiday.first, holiday.last))
    return first if first == last else f"{first}–{last}"
