"""Plugin: schedule: rules and moments in words, in the group's language."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise

from bot.recurrence import LAST, Rule
from bot.text import clip
from bot.workday import is_arranged
from plugins.schedule.plugin import Ctx
from plugins.schedule.store import Entry

HOME = "Asia/Shanghai"
_MOON = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")


def rule_text(ctx: Ctx, rule: Rule) -> str:
    """`每周一、三、五 09:00`."""
    return f"{_days(ctx, rule)} {_times(ctx, rule.times)}"


def _days(ctx: Ctx, rule: Rule) -> str:
    numbers = rule.numbers
    if rule.kind == "once":
        return day_text(ctx, date(*numbers))
    if rule.kind == "weekly":
        return ctx.text("on_weekdays", 星期=_and(ctx, [ctx.text(f"short_{number}") for number in numbers]))
    if rule.kind == "monthly":
        days = [ctx.text("last_day") if day == LAST else ctx.text("nth_day", 日=day) for day in numbers]
        return ctx.text("on_dates", 日子=_and(ctx, days))
    if rule.kind == "nth":
        which = ctx.text("last_one") if numbers[0] == LAST else ctx.text("nth_one", 第几=numbers[0])
        return ctx.text("on_nth", 第几=which, 星期=ctx.text(f"weekday_{numbers[1]}"))
    if rule.kind == "yearly":
        return ctx.text("on_yearly", 月=numbers[0], 日=numbers[1])
    if rule.kind == "every":
        return ctx.text("on_every", 天数=numbers[0])
    if rule.kind == "moon":
        return ctx.text("on_moon", 日子=_and(ctx, [_moon_day(number) for number in numbers]))
    if rule.kind == "moonyear" and numbers[1] == LAST:
        return ctx.text("on_eve")
    if rule.kind == "moonyear":
        return ctx.text("on_moonyear", 月=_MOON[numbers[0] - 1], 日=_moon_day(numbers[1]))
    return ctx.text(f"on_{rule.kind}")


def _moon_day(number: int) -> str:
    ones = "一二三四五六七八九十"[(number - 1) % 10]
    if number in (20, 30):
        return "二十" if number == 20 else "三十"
    return f"{('初', '十', '廿')[(number - 1) // 10]}{ones}"


def _times(ctx: Ctx, times: tuple[time, ...]) -> str:
    minutes = [at.hour * 60 + at.minute for at in times]
    steps = {after - before for before, after in pairwise(minutes)}
    if len(times) > 3 and len(steps) == 1:
        hours, left = divmod(steps.pop(), 60)
        length = f"{hours + left / 60:g}" if hours else str(left)
        key = "every_hours" if hours else "every_minutes"
        return ctx.text(key, 开始=f"{times[0]:%H:%M}", 结束=f"{times[-1]:%H:%M}", 间隔=length)
    return _and(ctx, [f"{at:%H:%M}" for at in times])


def _and(ctx: Ctx, parts: list[str]) -> str:
    return ctx.text("and").join(parts)


def day_text(ctx: Ctx, day: date) -> str:
    """`1月7日 周三`, with the year when it is another."""
    key = "day" if day.year == ctx.today.year else "day_year"
    return ctx.text(key, 年=day.year, 月=day.month, 日=day.day, 星期=ctx.text(f"weekday_{day.weekday()}"))


def moment_text(ctx: Ctx, at: datetime) -> str:
    local = at.astimezone(ctx.group.zone)
    return f"{day_text(ctx, local.date())} {local:%H:%M}"


def entry_line(ctx: Ctx, entry: Entry) -> str:
    """One line of the list: number, rule, beginning of the text, when next."""
    when = ctx.text("paused") if entry.next_at is None else ctx.text("next", 时间=moment_text(ctx, entry.next_at))
    return f"{entry.no}. {rule_text(ctx, entry.rule)} {clip(entry.text, 16)}\n   {when}"


def preview(ctx: Ctx, rule: Rule, text: str, coming: list[datetime], *, assumed: bool) -> str:
    """What was understood, the next three moments, and what may surprise."""
    lines = [ctx.text("understood", 规则=rule_text(ctx, rule)), ctx.text("quoted", 内容=clip(text, 60))]
    if rule.kind != "once":
        lines.append(ctx.text("coming", 次数=len(coming)))
        lines += [moment_text(ctx, at) for at in coming]
    if assumed:
        lines.append(ctx.text("assumed"))
    if (quiet := ctx.section("policy").quiet) is not None and any(map(quiet.contains, rule.times)):
        lines.append(ctx.text("quiet", 时段=str(quiet), 结束=f"{quiet.end:%H:%M}"))
    if rule.kind in ("work", "rest"):
        last = max((at + timedelta(days=90) for at in coming), default=ctx.now)
        if not is_arranged(last.year):
            lines.append(ctx.text("not_arranged", 年=last.year))
    if ctx.group.zone.key != HOME:
        lines.append(ctx.text("zone", 时区=ctx.group.zone.key))
    return "\n".join(lines)
