"""Plugin: what day it is in China: lunar day, solar term, festival, days off and made-up working days."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar
from lunar_python import Lunar, LunarYear, Solar
from lunar_python.util import LunarUtil

from bot.workday import is_arranged

_DAY = timedelta(days=1)
_LONGEST_HOLIDAY = 15
_NAMES = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday} | {
    "Tomb-sweeping Day": "清明节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
}
_TERMS = (
    "冬至", "小寒", "大寒", "立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至", "小暑",
    "大暑", "立秋", "处暑", "白露", "秋分", "寒露", "霜降", "立冬", "小雪", "大雪",
)  # fmt: skip
_TRADITION_SINCE = 2008
"""Tomb-sweeping, dragon boat and mid-autumn are days off since then."""
_MENDED = {date(2005, 12, 31): (False, "元旦")}
"""What the library has wrong: this Saturday was worked for the new year of 2006."""
_STATUTORY_BY_SUN = {(1, 1): "元旦", (5, 1): "劳动节", (10, 1): "国庆节"}
_STATUTORY_BY_MOON = {(5, 5): "端午节", (8, 15): "中秋节"}
_CHEERFUL = {
    "元宵节", "端午节", "七夕节", "中秋节", "重阳节", "腊八节", "除夕", "春节", "元旦节", "情人节", "妇女节", "劳动节",
    "青年节", "母亲节", "儿童节", "父亲节", "教师节", "国庆节", "平安夜", "圣诞节",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the deployer knows better: days off and made-up working days, each with its holiday's name."""

    off: Mapping[date, str] = field(default_factory=dict)
    work: Mapping[date, str] = field(default_factory=dict)

    def know(self, year: int) -> bool:
        """Whether they speak about this year at all."""
        return any(day.year == year for day in (*self.off, *self.work))


@dataclass(frozen=True, slots=True)
class Holiday:
    """A holiday as it falls on one day.

    off: whether that day is free; False is a weekend day worked in exchange (补班).
    first, last: the free days in a row around it; the day itself when it is worked.
    published: False when the State Council's arrangement of that year is not known yet: only the festival is.
    """

    name: str
    off: bool
    first: date
    last: date
    published: bool = True

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1


def moon_of(day: date) -> tuple[int, int]:
    """Lunar month (1–12; negative for a leap month) and day (1–30)."""
    months = _months(day.year)
    first, month = months[bisect_right(months, (day, 99)) - 1]
    return month, (day - first).days + 1


def moon_text(month: int, number: int) -> str:
    """`八月十五`, of a lunar month and day as `moon_of` counts them."""
    name = f"{LunarUtil.MONTH[abs(month)]}月{LunarUtil.DAY[number]}"
    return f"闰{name}" if month < 0 else name


def lunar_text(day: date) -> str:
    """`正月初一`, `闰六月初一`, `冬月十七`."""
    return moon_text(*moon_of(day))


def term_on(day: date) -> str:
    """The solar term that begins on this day in China, else an empty string."""
    return _terms(day.year).get(day, "")


def next_term(day: date) -> tuple[str, int]:
    """The first solar term after this day, and in how many days it begins (at least 1)."""
    days = 1
    while not (term := term_on(day + timedelta(days=days))):
        days += 1
    return term, days


def festivals_on(day: date) -> list[str]:
    """Festivals people greet each other for, days off or not: `元宵节`, `母亲节`, `中秋节`."""
    lunar = _lunar(day)
    found = [*lunar.getFestivals(), *lunar.getSolar().getFestivals()]
    return [name.replace("元旦节", "元旦") for name in found if name in _CHEERFUL]


def holiday_on(day: date, overrides: Overrides | None = None) -> Holiday | None:
    """What the day is by the State Council's arrangement, `overrides` first; None on an ordinary day or weekend.

    Of a year whose arrangement is not published only the statutory day itself is known.
    """
    known = overrides or Overrides()
    if not is_published(day.year, known):
        name = _statutory(day)
        return Holiday(name, True, day, day, published=False) if name else None
    if name := _worked(day, known):
        return Holiday(name, False, day, day)
    name = _off(day, known)
    if not name:
        return None
    first, last, names = day, day, [name]
    while (last - first).days < _LONGEST_HOLIDAY and (name := _off(first - _DAY, known)):
        first, names = first - _DAY, [name, *names]
    while (last - first).days < _LONGEST_HOLIDAY and (name := _off(last + _DAY, known)):
        last, names = last + _DAY, [*names, name]
    return Holiday("、".join(dict.fromkeys(names)), True, first, last)


def next_holiday(day: date, within: int, overrides: Overrides | None = None) -> tuple[Holiday, int] | None:
    """The first day off of a holiday that begins 1 to `within` days after `day`, and in how many days."""
    for days in range(1, within + 1):
        found = holiday_on(day + timedelta(days=days), overrides)
        if found and found.off and found.first == day + timedelta(days=days):
            return found, days
    return None


def is_published(year: int, overrides: Overrides | None = None) -> bool:
    """Whether days off and made-up working days of the year are known."""
    return is_arranged(year) or bool(overrides and overrides.know(year))


@lru_cache(maxsize=16)
def _months(year: int) -> list[tuple[date, int]]:
    """The first days of the lunar months that this year has a day of, with their numbers."""
    found = {
        _civil(month.getFirstJulianDay()): int(month.getMonth())
        for about in (year - 1, year, year + 1)
        for month in LunarYear.fromYear(about).getMonths()
    }
    return sorted(found.items())


@lru_cache(maxsize=16)
def _terms(year: int) -> dict[date, str]:
    """The first days of the solar terms of this year."""
    days = LunarYear.fromYear(year).getJieQiJulianDays()
    begins = [(_civil(days[number]), _TERMS[(number - 1) % 24]) for number in range(len(days))]
    return {day: name for day, name in begins if day.year == year}


def _civil(julian: float) -> date:
    solar = Solar.fromJulianDay(julian)
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


@lru_cache(maxsize=64)
def _lunar(day: date) -> Lunar:
    """Kept for a few days: at eight o'clock every group asks about the same one, and it costs a millisecond."""
    return Solar.fromYmd(day.year, day.month, day.day).getLunar()


def _statutory(day: date) -> str:
    if name := _STATUTORY_BY_SUN.get((day.month, day.day)):
        return name
    if moon_of(day) == (1, 1):
        return "春节"
    if day.year < _TRADITION_SINCE:
        return ""
    return "清明节" if term_on(day) == "清明" else _STATUTORY_BY_MOON.get(moon_of(day), "")


def _off(day: date, overrides: Overrides) -> str:
    """The holiday for which this day is free; empty on working days and on plain weekends."""
    if day in overrides.off or day in overrides.work:
        return overrides.off.get(day, "")
    free, name = _detail(day)
    return name if free else ""


def _worked(day: date, overrides: Overrides) -> str:
    """The holiday for which this day is worked although it would be free."""
    if day in overrides.off or day in overrides.work:
        return overrides.work.get(day, "")
    free, name = _detail(day)
    return "" if free else name


@lru_cache(maxsize=512)
def _detail(day: date) -> tuple[bool, str]:
    """The library's word; a weekend is free without a name, as is a day of a year it does not know."""
    if day in _MENDED:
        return _MENDED[day]
    try:
        free, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return day.weekday() >= 5, ""
    return bool(free), _NAMES.get(name, name or "")
