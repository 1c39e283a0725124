"""Core: calendar rules: on which days, at which times of day, and when that is next. Pure; times aware UTC."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from lunar_python import Lunar, LunarMonth, LunarYear

from bot.workday import is_workday

_DAY = timedelta(days=1)
FARTHEST = 366 * 9
"""Days looked ahead: from 2096 the next 29 February is eight years away."""
_LUNAR_YEARS = 40
LAST = -1
"""As a day of the month: the last one."""

IsWorkday = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """Days of a `kind` with its `numbers`, at `times` of day by the wall clock.

    kind and numbers: `once` (year, month, day) · `daily` · `weekly` (weekdays, Monday is 0) · `monthly` (days, LAST) ·
    `nth` (which of the month 1–5 or LAST, weekday) · `yearly` (month, day) · `every` (n days, ordinal of a first day) ·
    `work` and `rest` (with 调休) · `moon` (days of each lunar month) · `moonyear` (lunar month, day or LAST).
    """

    kind: str
    numbers: tuple[int, ...]
    times: tuple[time, ...]

    def __str__(self) -> str:
        """Compact text that `from_text` reads back."""
        numbers = ",".join(map(str, self.numbers))
        return f"{self.kind}:{numbers}@{','.join(f'{at:%H:%M}' for at in self.times)}"

    @classmethod
    def from_text(cls, text: str) -> Rule:
        """Raises ValueError for what `str` never gave."""
        days, _, times = text.partition("@")
        kind, _, numbers = days.partition(":")
        if kind not in _MATCHES and kind not in _LUNAR:
            raise ValueError(f"no such kind of rule: {kind}")
        given = tuple(int(number) for number in numbers.split(",") if number)
        return cls(kind, given, tuple(time.fromisoformat(at) for at in times.split(",")))

    def next_after(self, after: datetime, zone: ZoneInfo, works: IsWorkday = is_workday) -> datetime | None:
        """The first moment strictly after `after`; None when there is none within nine years.

        A time that the clocks leave out comes as much later as they jump; one they show twice comes the first time.
        """
        for day in self._days(after.astimezone(zone).date() - _DAY, works):
            moments = (datetime.combine(day, at, zone).astimezone(UTC) for at in self.times)
            if (found := min((at for at in moments if at > after), default=None)) is not None:
                return found
        return None

    def some_after(self, after: datetime, zone: ZoneInfo, count: int, works: IsWorkday = is_workday) -> list[datetime]:
        """The next `count` moments, fewer when there are no more."""
        found: list[datetime] = []
        while len(found) < count and (after_that := self.next_after(after, zone, works)) is not None:
            found.append(after_that)
            after = after_that
        return found

    def _days(self, first: date, works: IsWorkday) -> Iterator[date]:
        """Days of the rule from `first` on, in order."""
        if self.kind in _LUNAR:
            yield from (day for day in _LUNAR[self.kind](self.numbers, first) if day >= first)
            return
        matches = _MATCHES[self.kind]
        for ahead in range(FARTHEST):
            day = first + ahead * _DAY
            if matches(day, self.numbers, works):
                yield day


def skipped_months(day: int) -> tuple[int, ...]:
    """Months that do not have this day every year: 31 → 2, 4, 6, 9, 11."""
    return tuple(month for month in range(1, 13) if day > calendar.monthrange(2025, month)[1])


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _monthly(day: date, numbers: tuple[int, ...], _works: IsWorkday) -> bool:
    return day.day in numbers or (LAST in numbers and day.day == _length(day))


def _nth(day: date, numbers: tuple[int, ...], _works: IsWorkday) -> bool:
    which, weekday = numbers
    if day.weekday() != weekday:
        return False
    return day.day + 7 > _length(day) if which == LAST else (day.day - 1) // 7 + 1 == which


def _every(day: date, numbers: tuple[int, ...], _works: IsWorkday) -> bool:
    days, first = numbers
    return day.toordinal() >= first and (day.toordinal() - first) % days == 0


_MATCHES: dict[str, Callable[[date, tuple[int, ...], IsWorkday], bool]] = {
    "once": lambda day, numbers, _: (day.year, day.month, day.day) == numbers,
    "daily": lambda day, numbers, _: True,
    "weekly": lambda day, numbers, _: day.weekday() in numbers,
    "monthly": _monthly,
    "nth": _nth,
    "yearly": lambda day, numbers, _: (day.month, day.day) == numbers,
    "every": _every,
    "work": lambda day, _, works: works(day),
    "rest": lambda day, _, works: not works(day),
}


def _moon(numbers: tuple[int, ...], first: date) -> Iterator[date]:
    """Days of every lunar month, leap months too; one that a short month lacks (三十) is left out."""
    for year in range(first.year - 1, first.year + _LUNAR_YEARS):
        for begins, length in _lunar_months(year):
            yield from (begins + (number - 1) * _DAY for number in sorted(numbers) if number <= length)


def _moon_year(numbers: tuple[int, ...], first: date) -> Iterator[date]:
    """One day of the lunar year; in a month's leap copy it does not come again."""
    for year in range(first.year - 1, first.year + _LUNAR_YEARS):
        month, number = numbers
        begins, length = _lunar_month(year, month)
        if number == LAST:
            yield begins + (length - 1) * _DAY
        elif number <= length:
            yield begins + (number - 1) * _DAY


_LUNAR: dict[str, Callable[[tuple[int, ...], date], Iterator[date]]] = {"moon": _moon, "moonyear": _moon_year}


@lru_cache(maxsize=128)
def _lunar_months(year: int) -> tuple[tuple[date, int], ...]:
    """First day and length of each month of a lunar year, in order."""
    leap = LunarYear.fromYear(year).getLeapMonth()
    order = [month for each in range(1, 13) for month in ((each, -each) if each == leap else (each,))]
    return tuple(_lunar_month(year, month) for month in order)


@lru_cache(maxsize=512)
def _lunar_month(year: int, month: int) -> tuple[date, int]:
    """A leap month is negative."""
    solar = Lunar.fromYmd(year, month, 1).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay()), LunarMonth.fromYm(year, month).getDayCount()
