"""Plugin: schedule: what people write after /定时, read as a rule and a text. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import Misread
from bot.recurrence import Rule
from bot.text import normalise
from bot.when import ABSOLUTE, AFTER, DAY_ALONE, NotATime, read_absolute, read_after
from plugins.schedule.days import in_moon, repeating
from plugins.schedule.hours import CLOCK, FILLER, INTERVAL, interval, times_of

__all__ = ["Misread", "Wanted", "read"]

LONGEST_HEAD = 60
_MARK = re.compile(r"\s*(?:发送|发布|发|提醒大家|提醒|通知|说)\s*[:：]?\s*|\s*[:：]\s+")
_SPACE = re.compile(r"[\s\u3000]+")
_CLOCK_FIRST = re.compile(rf"^({CLOCK.pattern})\s*(每.*|工作日|周末)$")
_PAST = re.compile(r"^(?:昨|前天|上周|上个?月|去年|刚才)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was understood. assumed: the window of an interval was not said and is taken."""

    rule: Rule
    text: str
    assumed: bool = False


def read(raw: str, now: datetime, zone: ZoneInfo) -> Wanted:
    """`每周一三五 9:00 发 早安` as a rule and a text. Raises Misread."""
    trouble: list[Misread] = []
    best: Wanted | None = None
    for head, rest in _splits(raw):
        try:
            rule, assumed = read_rule(head, now, zone)
        except Misread as error:
            if error.key not in _DULL:
                raise
            trouble.append(error)
            continue
        best = Wanted(rule, rest.strip(), assumed)
        if best.text:
            break
    if best is not None:
        return best
    # What was nearly a schedule says more than what was none at all.
    raise max(trouble, key=lambda error: _DULL.index(error.key))


_DULL = ("unknown", "no_time")
"""Reasons to try another reading, the dullest first; any other reason is the answer."""


def _splits(raw: str) -> list[tuple[str, str]]:
    """Where the time may end and the text begin: at the first 发, else at each space, the farthest first."""
    head = raw[:LONGEST_HEAD]
    mark = next((found for found in _MARK.finditer(head) if found.start()), None)
    marked = [(head[: mark.start()], raw[mark.end() :])] if mark else []
    ends = [
        found.start()
        for found in _SPACE.finditer(head)
        if found.start() and not (mark and found.start() > mark.start())
    ]
    spaced = [(raw[:end], _MARK.sub("", raw[end:], count=1) if _MARK.match(raw, end) else raw[end:]) for end in ends]
    spaced.reverse()
    return [*marked, *spaced, (raw, "")]


def read_rule(text: str, now: datetime, zone: ZoneInfo) -> tuple[Rule, bool]:
    """The whole text as a rule, and whether a window was assumed. Raises Misread."""
    plain = FILLER.sub("", normalise(text)).rstrip(" ,、。:的都")
    plain = _CLOCK_FIRST.sub(r"\2 \1", plain)
    if _PAST.match(plain):
        raise Misread("past", 时间=plain[:20])
    if found := INTERVAL.match(plain):
        return interval(found, plain[found.end() :])
    for reader in (in_moon, repeating):
        if (days := reader(plain, now.astimezone(zone).date())) is not None:
            kind, numbers, rest = days
            times = times_of(rest, plain)
            return _next_eve(numbers, times, now, zone) if kind == "eve" else Rule(kind, numbers, times), False
    return _once(plain, now, zone), False


def _next_eve(numbers: tuple[int, ...], times: tuple[time, ...], now: datetime, zone: ZoneInfo) -> Rule:
    """除夕 without 每年 is the next one."""
    at = Rule("moonyear", numbers, times).next_after(now, zone)
    assert at is not None, "every lunar year ends"
    day = at.astimezone(zone).date()
    return Rule("once", (day.year, day.month, day.day), times)


def _once(plain: str, now: datetime, zone: ZoneInfo) -> Rule:
    try:
        if found := ABSOLUTE.fullmatch(plain):
            at = read_absolute(found, now, zone)
        elif found := AFTER.fullmatch(plain):
            at = now + read_after(found)
        elif DAY_ALONE.fullmatch(plain) or CLOCK.fullmatch(plain) is None:
            key = "no_time" if DAY_ALONE.fullmatch(plain) else "bad_day" if _almost_a_date(plain) else "unknown"
            raise Misread(key, 时间=plain[:20])
        else:
            raise Misread("bad_time", 时间=plain[:20])
    except NotATime:
        raise Misread("bad_day" if _almost_a_date(plain) else "bad_time", 时间=plain.split()[0][:20]) from None
    local = at.astimezone(zone)
    if at <= now:
        raise Misread("past", 时间=plain[:20])
    if local.second:
        local = local.replace(second=0) + timedelta(minutes=1)
    return Rule("once", (local.year, local.month, local.day), (time(local.hour, local.minute),))


def _almost_a_date(plain: str) -> bool:
    if found := re.match(r"^(?:[本这下]个?月)?(\d{1,2})[号日]", plain):
        return not 1 <= int(found[1]) <= 28
    found = re.match(r"^(?:\d{4}[-/年])?(\d{1,2})[-/月](\d{1,3})", plain)
    if not found:
        return False
    try:
        date(2024, int(found[1]), int(found[2]))
    except ValueError:
        return True
    return False
