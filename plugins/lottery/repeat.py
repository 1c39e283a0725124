"""Plugin: when a lottery starts by itself: `每天 20:00`, `每周五 18:00`, `每月1日 12:00`. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WEEKDAYS = "一二三四五六日"
_RULE = re.compile(
    r"每(?:(?P<day>天|日)|(?:周|星期|礼拜)(?P<week>[一二三四五六日天1-7]+)|个?月(?P<date>\d{1,2})[日号]?)\s*"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?=\s|$)"
)


@dataclass(frozen=True, slots=True)
class Repeat:
    """weekdays: 0 is Monday, empty for every day; day: of the month, 0 for none (the last one when it is short)."""

    at: time
    weekdays: tuple[int, ...] = ()
    day: int = 0

    def __str__(self) -> str:
        days = "周" + "".join(_WEEKDAYS[one] for one in self.weekdays) if self.weekdays else "天"
        return f"每{f'月{self.day}日' if self.day else days} {self.at:%H:%M}"

    def next_after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first such moment strictly after `now`, aware UTC."""
        day = now.astimezone(zone).date() - timedelta(days=1)
        while True:
            day += timedelta(days=1)
            moment = datetime.combine(day, self.at, zone).astimezone(UTC)
            if moment > now and self._is_on(day):
                return moment

    def _is_on(self, day: date) -> bool:
        if self.day:
            return day.day == min(self.day, monthrange(day.year, day.month)[1])
        return not self.weekdays or day.weekday() in self.weekdays


def read_repeat(text: str) -> tuple[Repeat, str] | None:
    """The rule at the start of the text and the rest, None when there is none. Raises ValueError for 25:00."""
    found = _RULE.match(text)
    if found is None:
        return None
    at = time(int(found["hour"]), int(found["minute"]))
    marks = (found["week"] or "").translate(str.maketrans("天1234567", "日一二三四五六日"))
    weekdays = tuple(sorted({_WEEKDAYS.index(mark) for mark in marks}))
    day = int(found["date"] or 0)
    if found["date"] and not 1 <= day <= 31:
        raise ValueError(found[0])
    return Repeat(at, weekdays, day), text[found.end() :].strip()
