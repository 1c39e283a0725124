"""Plugin: schedule: the days of a rule as people write them: `每周一三五`, `每月1号15号`, `农历初一`. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from bot.errors import Misread
from bot.number import read_number
from bot.recurrence import LAST, skipped_months

_WEEKDAYS = "一二三四五六日"
NUMBER = r"(?:\d{1,4}|[零〇一二两三四五六七八九十百]{1,5})"
_WEEK = r"(?:周|星期|礼拜)"
_WEEKDAY_LIST = re.compile(
    rf"^每?个?{_WEEK}(?P<list>[一二三四五六日天末](?:\s*[、,，和及到至~-]?\s*{_WEEK}?[一二三四五六日天末])*(?![:点时])"
    rf"|[1-7](?:\s*[、,，和及到至~-]?\s*{_WEEK}?[1-7])*(?![:点时\d]))"
)
_RANGE = re.compile(rf"([一二三四五六日1-7])(?:到|至|~|-){_WEEK}?([一二三四五六日1-7])")
_DATES = re.compile(
    rf"^每个?月(?P<list>(?:\s*[、,，和及]?\s*{NUMBER}\s*[号日])+|\s*{NUMBER}(?:\s*[、,，和及]\s*{NUMBER})*\s*[号日])"
)
_LUNAR_DAY = r"(?:初[一二三四五六七八九十]|十[一二三四五六七八九]|二十|廿[一二三四五六七八九]|三十|十五)"
_LUNAR_DAYS = re.compile(
    rf"^(?:每个?月农历|农历每个?月|每个?月阴历|农历|(?:每个?月)?(?=初))(?P<list>(?:[、,，和及]?{_LUNAR_DAY})+)"
)
_LUNAR_DATE = re.compile(
    rf"^(?:每年)?(?:(?:农历|阴历)(?P<month>[正一二三四五六七八九十冬腊]{{1,2}})月|(?P<new>大年(?=初)|正月)|(?P<last>腊月))(?P<day>{_LUNAR_DAY})"
)
_EVE = re.compile(r"^(?P<yearly>每年的?)?(?:农历|阴历)?(?:除夕|大?年三十|腊月三十|大年夜)(?P<night>夜|晚(?!上))?")
"""腊月三十 is meant as the last day of the year, though the year's last month may have only twenty-nine."""
_DAY_UNSAID = re.compile(rf"^每(?:周|月)(?=\s*\d{{1,2}}[:点时]|\s+{NUMBER}[:点时])")
_MONTHS = {name: number for number, name in enumerate("正二三四五六七八九十冬腊", 1)} | {
    "十一": 11,
    "十二": 12,
    "一": 1,
}


Days = tuple[str, tuple[int, ...], str]
"""Kind and numbers of a rule, and what is left of the text."""


def repeating(plain: str, today: date) -> Days | None:
    for pattern, make in _DAYS:
        if found := pattern.match(plain):
            kind, numbers = make(found, today)
            return kind, numbers, plain[found.end() :]
    if found := _DATES.match(plain):
        return *_dates(found), plain[found.end() :]
    if found := _DAY_UNSAID.match(plain):
        raise Misread("no_day", 时间=found[0], 例="每周一" if found[0] == "每周" else "每月1号")
    if (found := _WEEKDAY_LIST.match(plain)) and (found[0].startswith("每") or len(_weekdays(found["list"])) > 1):
        return "weekly", _weekdays(found["list"]), plain[found.end() :]
    return None


def _weekdays(text: str) -> tuple[int, ...]:
    plain = text.translate(str.maketrans("天1234567", "日一二三四五六日"))
    for first, last in _RANGE.findall(plain):
        begin, end = _WEEKDAYS.index(first), _WEEKDAYS.index(last)
        span = range(begin, end + 1 if end >= begin else end + 8)
        plain += "".join(_WEEKDAYS[number % 7] for number in span)
    plain = plain.replace("末", "六日")
    return tuple(sorted({_WEEKDAYS.index(mark) for mark in plain if mark in _WEEKDAYS}))


def _dates(found: re.Match[str]) -> tuple[str, tuple[int, ...]]:
    days = sorted({count(number) for number in re.findall(NUMBER, found["list"])})
    if not days or days[0] < 1 or days[-1] > 31:
        raise Misread("bad_day", 时间=found[0].strip()[:20])
    if days[-1] > 28 and "跳过" not in found.string:
        months = "、".join(map(str, skipped_months(days[-1])))
        raise Misread("skips", 日=days[-1], 月份=months)
    return "monthly", tuple(days)


def _yearly(found: re.Match[str], _today: date) -> tuple[str, tuple[int, ...]]:
    month, day = int(found["month"]), int(found["day"])
    try:
        date(2024, month, day)
    except ValueError:
        raise Misread("bad_day", 时间=found[0][:20]) from None
    if (month, day) == (2, 29) and "跳过" not in found.string:
        raise Misread("leap")
    return "yearly", (month, day)


def _every_days(found: re.Match[str], today: date) -> tuple[str, tuple[int, ...]]:
    weeks = found["unit"].endswith("周")
    # 隔天 and 每隔一天 are every other day; 每隔两天 is meant as often as every two days as every three.
    number = count(found["n"]) if found["n"] else 1
    days = (number + (number == 1 and "隔" in found[0])) * (7 if weeks else 1)
    if not 1 <= days <= 366:
        raise Misread("bad_day", 时间=found[0][:20])
    return ("daily", ()) if days == 1 else ("every", (days, today.toordinal()))


def _every_weeks(found: re.Match[str], today: date) -> tuple[str, tuple[int, ...]]:
    """`每两周周三`, `隔周三`: from the next such weekday on."""
    kind, numbers = _every_days(found, today)
    weekday = _weekdays(found["weekday"])[0]
    if kind == "daily" or numbers[0] == 7:
        return "weekly", (weekday,)
    return kind, (numbers[0], today.toordinal() + (weekday - today.weekday()) % 7)


def _nth(found: re.Match[str], _today: date) -> tuple[str, tuple[int, ...]]:
    which = LAST if found["which"] == "最后一" else count(found["which"].removeprefix("第"))
    if which != LAST and not 1 <= which <= 5:
        raise Misread("bad_day", 时间=found[0][:20])
    return "nth", (which, _weekdays(found["weekday"])[0])


_DAYS: list[tuple[re.Pattern[str], Callable[[re.Match[str], date], tuple[str, tuple[int, ...]]]]] = [
    (re.compile(r"^(?:每天|每日|天天|每一天|每(?=[早晚]))"), lambda _f, _t: ("daily", ())),
    (re.compile(r"^(?:每个?)?(?:法定)?(?:工作日|上班日)(?:\s*[(（]\s*含调休\s*[)）])?"), lambda _f, _t: ("work", ())),
    (re.compile(r"^(?:每个?)?(?:休息日|放假日|节假日)(?:\s*[(（]\s*含调休\s*[)）])?"), lambda _f, _t: ("rest", ())),
    (re.compile(rf"^每?个?周末|^每?个?{_WEEK}末"), lambda _f, _t: ("weekly", (5, 6))),
    (re.compile(r"^每个?月的?(?:最后一[天日]|月?底|末)|^月底"), lambda _f, _t: ("monthly", (LAST,))),
    (re.compile(rf"^每个?月的?(?P<which>最后一|第{NUMBER})个?{_WEEK}(?P<weekday>[一二三四五六日天1-7])"), _nth),
    (re.compile(r"^每年的?\s*(?P<month>\d{1,2})[-/月](?P<day>\d{1,2})[日号]?"), _yearly),
    (
        re.compile(
            rf"^(?:每隔?\s*(?P<n>{NUMBER})\s*|每?隔)(?P<unit>个?周)的?\s*(?:{_WEEK})?(?P<weekday>[一二三四五六日天](?![:点时]))"
        ),
        _every_weeks,
    ),
    (re.compile(rf"^(?:每隔?\s*(?P<n>{NUMBER})\s*|每?隔(?=[天日周]))(?P<unit>[天日]|个?周)"), _every_days),
]


def in_moon(plain: str, _today: date) -> Days | None:
    if found := _EVE.match(plain):
        rest = plain[found.end() :]
        return "moonyear" if found["yearly"] else "eve", (12, LAST), f"晚上{rest}" if found["night"] else rest
    if found := _LUNAR_DATE.match(plain):
        month = 1 if found["new"] else 12 if found["last"] else _MONTHS.get(found["month"])
        if month is None:
            raise Misread("bad_day", 时间=found[0][:20])
        return "moonyear", (month, _lunar_number(found["day"])), plain[found.end() :]
    if found := _LUNAR_DAYS.match(plain):
        days = tuple(sorted({_lunar_number(each) for each in re.findall(_LUNAR_DAY, found["list"])}))
        return "moon", days, plain[found.end() :]
    return None


def _lunar_number(text: str) -> int:
    return count(text.removeprefix("初").replace("廿", "二十"))


def count(text: str) -> int:
    try:
        return read_number(text)
    except ValueError:
        raise Misread("unknown", 时间=text[:20]) from None
