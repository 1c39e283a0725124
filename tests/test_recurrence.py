"""Test: calendar rules: months, leap days, clocks that change, working days, lunar days; against plain counting."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.recurrence import LAST, Rule, skipped_months
from bot.workday import is_arranged, is_workday

CHINA, YORK, LORD_HOWE = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")
NINE = (time(9),)
START = datetime(1990, 1, 1, tzinfo=UTC)


def local(moments: list[datetime], zone: ZoneInfo = CHINA) -> list[str]:
    return [f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in moments]


def at(text: str, zone: ZoneInfo = CHINA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("rule", "after", "expected"),
    [
        (Rule("daily", (), NINE), "2026-01-05 09:00", ["2026-01-06", "2026-01-07", "2026-01-08"]),
        (Rule("weekly", (0, 4), NINE), "2026-01-05 08:59", ["2026-01-05", "2026-01-09", "2026-01-12"]),
        (Rule("monthly", (LAST,), NINE), "2024-01-31 10:00", ["2024-02-29", "2024-03-31", "2024-04-30"]),
        (Rule("monthly", (31,), NINE), "2026-01-31 09:00", ["2026-03-31", "2026-05-31", "2026-07-31"]),
        (Rule("yearly", (2, 29), NINE), "2096-02-29 09:00", ["2104-02-29", "2108-02-29", "2112-02-29"]),
        (Rule("nth", (1, 0), NINE), "2026-01-05 09:00", ["2026-02-02", "2026-03-02", "2026-04-06"]),
        (Rule("nth", (LAST, 4), NINE), "2026-01-01 09:00", ["2026-01-30", "2026-02-27", "2026-03-27"]),
        (Rule("work", (), NINE), "2026-02-13 09:00", ["2026-02-14", "2026-02-24", "2026-02-25"]),
        (Rule("rest", (), NINE), "2026-02-13 09:00", ["2026-02-15", "2026-02-16", "2026-02-17"]),
        (Rule("moon", (1, 15), NINE), "2026-02-16 09:00", ["2026-02-17", "2026-03-03", "2026-03-19"]),
        (Rule("moonyear", (8, 15), NINE), "2026-01-01 09:00", ["2026-09-25", "2027-09-15", "2028-10-03"]),
        (Rule("moonyear", (12, LAST), NINE), "2026-01-01 09:00", ["2026-02-16", "2027-02-05", "2028-01-25"]),
        (Rule("once", (2026, 1, 6), NINE), "2026-01-05 09:00", ["2026-01-06"]),
        (Rule("once", (2026, 1, 5), NINE), "2026-01-05 09:00", []),
    ],
)
def test_the_next_three(rule: Rule, after: str, expected: list[str]):
    assert local(rule.some_after(at(after), CHINA, 3)) == [f"{day} 09:00" for day in expected]


def test_a_leap_month_has_its_first_and_fifteenth_too():
    """2025 had a leap sixth month: 闰六月初一 was 25 July."""
    found = local(Rule("moon", (1,), NINE).some_after(at("2025-06-20 00:00"), CHINA, 3))
    assert found == ["2025-06-25 09:00", "2025-07-25 09:00", "2025-08-23 09:00"]


@pytest.mark.parametrize(
    ("zone", "times", "after", "expected"),
    [
        # The hour that is left out comes as much later; the next day it is itself again.
        (YORK, (time(2, 30),), "2026-03-07 12:00", ["2026-03-08 03:30", "2026-03-09 02:30"]),
        # Two times that fall together say it once.
        (YORK, (time(2, 30), time(3, 30)), "2026-03-07 12:00", ["2026-03-08 03:30", "2026-03-09 02:30"]),
        # The hour that comes twice rings the first time only.
        (YORK, (time(1, 30),), "2026-10-31 12:00", ["2026-11-01 01:30", "2026-11-02 01:30"]),
        (LORD_HOWE, (time(2, 15),), "2026-10-03 12:00", ["2026-10-04 02:45", "2026-10-05 02:15"]),
    ],
)
def test_clocks_that_change(zone: ZoneInfo, times: tuple[time, ...], after: str, expected: list[str]):
    assert local(Rule("daily", (), times).some_after(at(after, zone), zone, 2), zone) == expected


@given(
    after=st.integers(0, 100 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    zone=st.sampled_from((CHINA, YORK, LORD_HOWE)),
    rule=st.one_of(
        st.builds(lambda days: Rule("weekly", tuple(sorted(days)), NINE), st.sets(st.integers(0, 6), min_size=1)),
        st.builds(lambda days: Rule("monthly", tuple(sorted(days)), NINE), st.sets(st.integers(1, 31), min_size=1)),
        st.builds(lambda n: Rule("every", (n, date(1989, 12, 31).toordinal()), NINE), st.integers(1, 366)),
        st.just(Rule("daily", (), (time(1, 30), time(9), time(23, 59)))),
        st.just(Rule("work", (), NINE)),
    ),
)
def test_time_only_moves_forward_and_nothing_is_left_out(after: datetime, zone: ZoneInfo, rule: Rule):
    first = rule.next_after(after, zone)
    assert first is not None
    assert first > after
    again = rule.next_after(first - timedelta(milliseconds=1), zone)
    assert again == first
    # Nothing of the rule lies between: asked from anywhere before, the answer is the same.
    middle = after + (first - after) / 2
    assert rule.next_after(middle, zone) == first
    assert Rule.from_text(str(rule)) == rule


def test_a_year_of_working_days_is_what_was_published():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(map(is_workday, days)) == 248
    assert is_workday(date(2026, 10, 10))
    assert not is_workday(date(2026, 10, 9), off=[date(2026, 10, 9)])
    assert is_workday(date(2026, 10, 11), worked=[date(2026, 10, 11)])


def test_a_year_that_is_not_published_goes_by_the_week():
    assert not is_arranged(2060)
    assert is_workday(date(2060, 10, 4))
    assert not is_workday(date(2060, 10, 3))


def test_which_months_are_skipped():
    assert skipped_months(31) == (2, 4, 6, 9, 11)
    assert skipped_months(30) == (2,)
    assert skipped_months(28) == ()
    assert all(calendar.monthrange(2025, month)[1] < 31 for month in skipped_months(31))


@pytest.mark.parametrize("text", ["", "hourly:1@09:00", "weekly:x@09:00", "weekly:1@25:00"])
def test_text_that_is_no_rule_is_refused(text: str):
    with pytest.raises(ValueError, match=r"."):
        Rule.from_text(text)
