"""Test: what day it is in China, against known dates and against another library's table."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.brief.calendar import (
    Holiday,
    Overrides,
    festivals_on,
    holiday_on,
    is_published,
    lunar_text,
    moon_of,
    moon_text,
    next_holiday,
    next_term,
    term_on,
)
from plugins.brief.english import ENGLISH

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        ("2026-02-17", "正月初一"),
        ("2026-02-16", "腊月廿九"),
        ("2026-09-25", "八月十五"),
        ("2025-07-25", "闰六月初一"),
        ("2025-06-25", "六月初一"),
        ("2023-03-22", "闰二月初一"),
        ("2020-05-23", "闰四月初一"),
        ("2028-06-23", "闰五月初一"),
        ("2033-12-22", "闰冬月初一"),
        ("2026-01-05", "冬月十七"),
        ("2026-12-31", "冬月廿三"),
        ("2100-12-31", "腊月初一"),
        ("1990-01-27", "正月初一"),
    ],
)
def test_lunar_day(day: str, text: str):
    assert lunar_text(date.fromisoformat(day)) == text


def test_new_year_of_eleven_years():
    known = "2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26"
    for day in (*known.split(), "2029-02-13", "2030-02-03"):
        assert lunar_text(date.fromisoformat(day)) == "正月初一"
        assert lunar_text(date.fromisoformat(day) - DAY).startswith("腊月")


TERMS_2026 = {
    "小寒": (1, 5), "大寒": (1, 20), "立春": (2, 4), "雨水": (2, 18), "惊蛰": (3, 5), "春分": (3, 20),
    "清明": (4, 5), "谷雨": (4, 20), "立夏": (5, 5), "小满": (5, 21), "芒种": (6, 5), "夏至": (6, 21),
    "小暑": (7, 7), "大暑": (7, 23), "立秋": (8, 7), "处暑": (8, 23), "白露": (9, 7), "秋分": (9, 23),
    "寒露": (10, 8), "霜降": (10, 23), "立冬": (11, 7), "小雪": (11, 22), "大雪": (12, 7), "冬至": (12, 22),
}  # fmt: skip


def test_the_terms_of_2026_and_no_others():
    found = {}
    day = date(2026, 1, 1)
    while day.year == 2026:
        if term := term_on(day):
            found[term] = (day.month, day.day)
        day += DAY
    assert found == TERMS_2026


def test_terms_agree_with_another_library():
    for year in range(2004, 2027):
        theirs = chinese_calendar.get_solar_terms(date(year, 1, 1), date(year, 12, 31))
        ours = [(day, term_on(day)) for day, _ in theirs]
        assert ours == theirs, year


def test_the_next_term_is_the_first_one_ahead():
    assert next_term(date(2026, 2, 17)) == ("雨水", 1)
    assert next_term(date(2026, 2, 18)) == ("惊蛰", 15)
    assert next_term(date(2026, 12, 22)) == ("小寒", 14)


@pytest.mark.parametrize(
    ("day", "names"),
    [
        ("2026-02-16", ["除夕"]),
        ("2026-02-17", ["春节"]),
        ("2026-03-03", ["元宵节"]),
        ("2026-05-10", ["母亲节"]),
        ("2026-06-19", ["端午节"]),
        ("2026-10-01", ["国庆节"]),
        ("2026-01-01", ["元旦"]),
        ("2026-03-15", []),
        ("2026-04-01", []),
    ],
)
def test_festivals(day: str, names: list[str]):
    assert festivals_on(date.fromisoformat(day)) == names


def test_days_off_know_their_whole_run():
    spring = Holiday("春节", True, date(2026, 2, 15), date(2026, 2, 23))
    assert holiday_on(date(2026, 2, 15)) == holiday_on(date(2026, 2, 19)) == holiday_on(date(2026, 2, 23)) == spring
    assert spring.length == 9
    both = holiday_on(date(2025, 10, 3))
    assert both is not None
    assert (both.name, both.first, both.last) == ("国庆节、中秋节", date(2025, 10, 1), date(2025, 10, 8))


@pytest.mark.parametrize(
    ("day", "name"),
    [("2026-01-04", "元旦"), ("2026-02-14", "春节"), ("2026-09-20", "国庆节"), ("2026-10-10", "国庆节")],
)
def test_weekend_days_worked_in_exchange(day: str, name: str):
    worked = date.fromisoformat(day)
    assert holiday_on(worked) == Holiday(name, False, worked, worked)


def test_plain_days_and_weekends_are_no_holidays():
    assert [holiday_on(date(2026, 3, 7) + n * DAY) for n in range(7)] == [None] * 7


def test_every_day_agrees_with_the_published_arrangement():
    day = date(2004, 1, 1)
    while day <= date(2026, 12, 31):
        found = holiday_on(day)
        works = chinese_calendar.is_workday(day) or day == date(2005, 12, 31)
        if found is not None:
            assert found.off is not works, day
            assert found.first <= day <= found.last
        else:
            assert works is (day.weekday() < 5), day
        day += DAY


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2050-01-01", "元旦"),
        ("2050-01-23", "春节"),
        ("2050-04-04", "清明节"),
        ("2050-05-01", "劳动节"),
        ("2050-06-23", "端午节"),
        ("2050-09-30", "中秋节"),
        ("2050-10-01", "国庆节"),
    ],
)
def test_of_an_unpublished_year_the_statutory_day_is_known_and_said_to_be_all(day: str, name: str):
    festival = date.fromisoformat(day)
    assert holiday_on(festival) == Holiday(name, True, festival, festival, published=False)
    assert not is_published(2050)
    assert not is_published(2003)


def test_an_unpublished_year_has_no_other_days():
    found = {day for n in range(365) if holiday_on(day := date(2050, 1, 1) + n * DAY)}
    assert len(found) == 7


def test_the_coming_holiday():
    assert next_holiday(date(2026, 9, 24), 7) == (Holiday("中秋节", True, date(2026, 9, 25), date(2026, 9, 27)), 1)
    assert next_holiday(date(2026, 9, 17), 7) is None
    assert next_holiday(date(2026, 9, 26), 3) is None, "in the middle of one, the next is not it"
    assert next_holiday(date(2026, 9, 26), 0) is None
    soon = next_holiday(date(2050, 1, 20), 7)
    assert soon is not None
    assert (soon[0].name, soon[0].published, soon[1]) == ("春节", False, 3)


def test_overrides_win():
    known = Overrides(
        off={date(2050, 1, 22): "春节", date(2050, 1, 23): "春节", date(2026, 3, 10): "店庆"},
        work={date(2050, 1, 29): "春节", date(2026, 10, 1): "盘点"},
    )
    assert is_published(2050, known)
    assert not is_published(2051, known)
    assert holiday_on(date(2050, 1, 23), known) == Holiday("春节", True, date(2050, 1, 22), date(2050, 1, 23))
    assert holiday_on(date(2050, 1, 29), known) == Holiday("春节", False, date(2050, 1, 29), date(2050, 1, 29))
    assert holiday_on(date(2050, 5, 1), known) is None, "the deployer has said all there is of that year"
    assert holiday_on(date(2026, 3, 10), known) == Holiday("店庆", True, date(2026, 3, 10), date(2026, 3, 10))
    assert holiday_on(date(2026, 10, 1), known) == Holiday("盘点", False, date(2026, 10, 1), date(2026, 10, 1))
    after = holiday_on(date(2026, 10, 2), known)
    assert after is not None
    assert after.first == date(2026, 10, 2)


DISPUTED = range(date(2057, 9, 28).toordinal(), date(2057, 10, 28).toordinal())
"""The new moon comes within seconds of midnight: by the national standard (GB/T 33661) 2057's ninth month begins on
the 29th, in the older computation of the table on the 28th."""


def days_of(words: str, year: int) -> list[date]:
    return [date(year, int(word[:2]), int(word[2:])) for word in words.split()]


def test_every_day_from_1990_to_2100_agrees_with_an_independent_table():
    """Lunar days, solar terms and days off against calendar_table.txt, which other libraries have made."""
    lines = (Path(__file__).parent / "calendar_table.txt").read_text(encoding="utf-8").splitlines()
    seen = 0
    for line in (line for line in lines if not line.startswith("#")):
        number, terms, months, *rest = (part.strip() for part in f"{line} | | ".split("|"))
        year = int(number)
        begins = dict(zip(days_of(terms, year), TERMS_2026, strict=True))
        starts = {}
        for word in months.split():
            day, _, month = word.partition("=")
            month, _, offset = month.partition(".")
            starts[days_of(day, year)[0]] = (int(month), int(offset or 1))
        free, worked = (set(days_of(part, year)) for part in rest[:2])
        day, month, count = date(year, 1, 1), 0, 0
        while day.year == year:
            month, count = starts.get(day, (month, count + 1))
            if day.toordinal() not in DISPUTED:
                assert moon_of(day) == (month, count), day
            assert term_on(day) == begins.get(day, ""), day
            if is_published(year):
                found = holiday_on(day)
                off = found.off if found else day.weekday() >= 5
                assert off == (day in free or (day.weekday() >= 5 and day not in worked)), day
            else:
                assert (holiday_on(day) is not None) == statutory(day, month, count, begins.get(day)), day
            day, seen = day + DAY, seen + 1
    assert seen == 40_542


def statutory(day: date, month: int, count: int, term: str | None) -> bool:
    by_tradition = (month, count) in ((5, 5), (8, 15)) or term == "清明"
    always = (month, count) == (1, 1) or (day.month, day.day) in ((1, 1), (5, 1), (10, 1))
    return always or (day.year >= 2008 and by_tradition)


def test_where_the_libraries_differ_the_better_one_is_followed():
    assert moon_of(date(2057, 9, 28)) == (8, 30)
    assert moon_of(date(2057, 9, 29)) == (9, 1)
    worked = date(2005, 12, 31)
    assert holiday_on(worked) == Holiday("元旦", False, worked, worked)


@given(st.dates(date(1990, 1, 2), date(2100, 12, 30)))
def test_days_follow_one_another(day: date):
    (month, count), (after, counted) = moon_of(day), moon_of(day + DAY)
    assert counted == 1 or (after, counted) == (month, count + 1)
    assert counted != 1 or count in (29, 30)
    assert 1 <= next_term(day)[1] <= 17
    assert lunar_text(day) == moon_text(month, count)


def test_every_day_that_has_a_name_has_one_in_english():
    named = set[str]()
    for day in (date(2026, 1, 1) + timedelta(days=days) for days in range(800)):
        holiday = holiday_on(day)
        named |= {*festivals_on(day), term_on(day), holiday.name if holiday else ""}
    assert named - {""} <= set(ENGLISH)
