"""Core: which days are worked in China: weekends, public holidays, and the weekend days worked in exchange (调休)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache

import chinese_calendar


def is_workday(day: date, off: Collection[date] = (), worked: Collection[date] = ()) -> bool:
    """By the State Council's arrangement; `off` and `worked` know better. A year not arranged yet: Monday to Friday."""
    if day in off or day in worked:
        return day in worked
    return _arranged(day)


@lru_cache(maxsize=64)
def is_arranged(year: int) -> bool:
    """Whether the year's days off and made-up working days are known."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=2048)
def _arranged(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5
