"""Plugin: schedule: the times of day of a rule: `9:00、晚上6点半`, `每2小时 9点到21点`. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from bot.errors import Misread
from bot.recurrence import Rule
from bot.timeofday import parse_time
from plugins.schedule.days import NUMBER, count

SHORTEST = timedelta(minutes=30)
MOST_TIMES = 6
_PART = r"(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|早|晚)"
CLOCK = re.compile(rf"{_PART}?\s*{NUMBER}\s*(?::\s*\d{{1,3}}|[点时](?:半|一刻|三刻|整|钟|过?零?{NUMBER}分?)?)")
_BOTH = re.compile(
    r"(?P<parts>(?:(?:早上|早晨|上午|中午|下午|傍晚|晚上|夜里|早|中|晚)[、,和及与]*\s*){2,3})(?:都|各)?\s*"
    rf"(?P<clock>{NUMBER}\s*(?::\s*\d{{1,3}}|[点时](?:半|一刻|三刻|整|钟|过?零?{NUMBER}分?)?))"
)
"""早晚8点: one hour of several parts of the day."""
_EACH = re.compile(r"早上|早晨|上午|中午|下午|傍晚|晚上|夜里|早|中|晚")
_BETWEEN = re.compile(r"\s*(?:到|至|-|~|—)+\s*")
FILLER = re.compile(r"^[\s,、;和及与的在都各，。]+")
_WINDOW = rf"(?P<from>{CLOCK.pattern})\s*(?:到|至|-|~|—)\s*(?P<to>{CLOCK.pattern})"
_STEP = rf"每隔?\s*(?P<n>半|{NUMBER})?\s*个?(?P<half>半)?\s*(?P<unit>小时|钟头|分钟|分|秒钟|秒|h|min|s)"
INTERVAL = re.compile(rf"^(?:每天)?\s*(?:{_WINDOW})?\s*{_STEP}(?:一次)?\s*", re.IGNORECASE)
_WINDOW_AFTER = re.compile(rf"^\s*[(（]?\s*(?:从|在)?\s*{_WINDOW}\s*[)）]?")


def interval(found: re.Match[str], rest: str) -> tuple[Rule, bool]:
    amount = 0.5 if found["n"] == "半" else float(count(found["n"])) if found["n"] else 1.0
    amount += 0.5 if found["half"] and found["n"] != "半" else 0
    seconds = {"小": 3600, "钟": 3600, "h": 3600, "分": 60, "m": 60}.get(found["unit"][0].lower(), 1)
    step = timedelta(seconds=amount * seconds)
    if step < SHORTEST or step > timedelta(hours=12):
        raise Misread("too_often" if step < SHORTEST else "too_seldom", 间隔=found[0].strip()[:20])
    window = found if found["from"] else _WINDOW_AFTER.match(rest)
    if found["from"] is None and window is not None:
        rest = rest[window.end() :]
    if rest.strip(" ,、()（）"):
        raise Misread("unknown", 时间=found.string[:20])
    first, last = (_time(window[name]) for name in ("from", "to")) if window else (time(9), time(21))
    if last <= first:
        raise Misread("window", 开始=f"{first:%H:%M}", 结束=f"{last:%H:%M}")
    at, times = datetime.combine(date(2000, 1, 1), first), []
    while at.date() == date(2000, 1, 1) and at.time() <= last:
        times.append(at.time())
        at += step
    return Rule("daily", (), tuple(times)), window is None


def times_of(text: str, whole: str) -> tuple[time, ...]:
    """One or more times of day and nothing else."""
    rest = FILLER.sub("", text.replace("跳过", "").replace("()", "").replace("(没有就)", ""))
    found: set[time] = set()
    while rest:
        if both := _BOTH.match(rest):
            found |= _times_of_parts(both, whole)
            rest = FILLER.sub("", rest[both.end() :])
            continue
        clock = CLOCK.match(rest)
        if clock is None:
            break
        if _BETWEEN.match(rest, clock.end()):
            raise Misread("unknown", 时间=whole[:20])
        found.add(_time(clock[0]))
        rest = FILLER.sub("", rest[clock.end() :])
    if rest:
        raise Misread("unknown", 时间=whole[:20])
    if not found:
        raise Misread("no_time", 时间=whole[:20])
    if len(found) > MOST_TIMES:
        raise Misread("many_times", 最多=MOST_TIMES)
    return tuple(sorted(found))


def _times_of_parts(found: re.Match[str], whole: str) -> set[time]:
    """`早晚8点` as 08:00 and 20:00. Raises Misread where two parts of the day would be the same: `早晚20点`."""
    parts = ["中午" if part == "中" else part for part in _EACH.findall(found["parts"])]
    times = {_time(part + found["clock"]) for part in parts}
    if len(times) < len(parts):
        raise Misread("unknown", 时间=whole[:20])
    return times


def _time(text: str) -> time:
    try:
        return parse_time(re.sub(r"\s+", "", text))
    except ValueError:
        raise Misread("bad_time", 时间=text.strip()[:20]) from None
