"""Test: times of day and lengths of time as people say them: midnight, noon, spoken numbers."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from bot.duration import parse_duration
from bot.timeofday import parse_time, split_time


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("晚上12点", time(0)), ("夜里十二点", time(0)), ("凌晨12点半", time(0, 30)), ("早上12点", time(0)),
        ("12点", time(12)), ("中午12点", time(12)), ("下午12点", time(12)), ("中午1点", time(13)),
        ("晚上11点", time(23)),
    ],
)  # fmt: skip
def test_twelve_at_night_is_not_noon(said: str, meant: time) -> None:
    assert parse_time(said) == meant


@pytest.mark.parametrize(
    ("said", "day"),
    [("今晚12点 交作业", 1), ("明天晚上12点 交作业", 2), ("晚上12点 交作业", None), ("今天 凌晨12点 交作业", 0)],
)
def test_tonight_at_twelve_ends_the_day(said: str, day: int | None) -> None:
    assert split_time(said) == (day, time(0), "交作业")


@pytest.mark.parametrize("said", ["今晚8点交作业", "明早交作业", "今晚读第三章"])
def test_what_has_no_hour_apart_stays_whole(said: str) -> None:
    assert split_time(said) == (None, None, said)


@pytest.mark.parametrize("said", ["24:00", "晚上24点", "25点"])
def test_what_is_no_time_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="一天"):
        parse_time(said)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("三天", timedelta(days=3)), ("两个小时", timedelta(hours=2)), ("半小时", timedelta(minutes=30)),
     ("一个月", timedelta(days=30)), ("半年", timedelta(days=180)), ("两年", timedelta(days=730)),
     ("一百二十天", timedelta(days=120)), ("十五分钟", timedelta(minutes=15))],
)  # fmt: skip
def test_lengths_in_chinese_numbers(said: str, meant: timedelta) -> None:
    assert parse_duration(said) == meant


@pytest.mark.parametrize("said", ["半", "十十天", "半个", "天", "三"])
def test_what_is_no_length_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="时长"):
        parse_duration(said)


@pytest.mark.parametrize(
    ("said", "day", "at", "rest"),
    [
        ("8pm hand in", None, time(20), "hand in"),
        ("8:30 pm hand in", None, time(20, 30), "hand in"),
        ("tomorrow 20:00 hand in", 1, time(20), "hand in"),
        ("Tomorrow at 8 am hand in", 1, time(8), "hand in"),
        ("tonight 8pm hand in", 0, time(20), "hand in"),
        ("tonight 8:00 hand in", 0, time(20), "hand in"),
        ("tonight 12am hand in", 1, time(0), "hand in"),
        ("tomorrow we hand in", None, None, "tomorrow we hand in"),
        ("8 amazing books", None, None, "8 amazing books"),
    ],
)
def test_english_times_are_cut_off(said: str, day: int | None, at: time | None, rest: str) -> None:
    assert split_time(said) == (day, at, rest)


def test_an_english_time_of_day() -> None:
    assert [parse_time(said) for said in ("8pm", "8:30 pm", "12am", "12 p.m.")] == [
        time(20), time(20, 30), time(0), time(12)
    ]  # fmt: skip
    with pytest.raises(ValueError, match="13pm"):
        parse_time("13pm")
