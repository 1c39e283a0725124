"""Test: bot.when: a window of time as people say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.when import ABSOLUTE, NotATime, read_absolute, read_window

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
"""Monday 09:00 in Shanghai."""
PARTS = st.sampled_from(["", "早上", "中午", "下午", "晚上", "晚"])
CLOCKS = st.one_of(
    st.integers(0, 23).map("{}点".format),
    st.integers(1, 12).map("{}点半".format),
    st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda at: f"{at[0]}:{at[1]:02d}"),
)


@pytest.mark.parametrize(
    ("said", "begins", "ends", "rest"),
    [
        ("明晚8点到9点 摄影", "06 20:00", "06 21:00", "摄影"),
        ("明晚8点到9点半 讲从8点到9点", "06 20:00", "06 21:30", "讲从8点到9点"),
        ("明晚8-9点 构图", "06 20:00", "06 21:00", "构图"),
        ("今晚20:00-21:30 选相机", "05 20:00", "05 21:30", "选相机"),
        ("2026-01-06 20:00-21:00 选相机", "06 20:00", "06 21:00", "选相机"),
        ("1月6日 20:00 到 22:00 选相机", "06 20:00", "06 22:00", "选相机"),
        ("周五晚上8点~9点 选相机", "09 20:00", "09 21:00", "选相机"),
        ("晚上11点到1点 看球", "05 23:00", "06 01:00", "看球"),
        ("晚上11点到12点 看球", "05 23:00", "06 00:00", "看球"),
        ("晚上12点半到2点 看球", "06 00:30", "06 02:00", "看球"),
        ("明晚8点到晚上10点 选相机", "06 20:00", "06 22:00", "选相机"),
        ("明天上午10点至下午2点 选相机", "06 10:00", "06 14:00", "选相机"),
        ("后天8点到大后天9点 选相机", "07 08:00", "08 09:00", "选相机"),
        ("tomorrow 8pm-9pm cameras", "06 20:00", "06 21:00", "cameras"),
        ("8-9pm cameras", "05 20:00", "05 21:00", "cameras"),
    ],
)
def test_windows(said: str, begins: str, ends: str, rest: str):
    found = read_window(said, NOW, ZONE)
    assert found is not None
    assert [f"{at.astimezone(ZONE):%d %H:%M}" for at in found[:2]] == [begins, ends]
    assert found[2].strip() == rest


@pytest.mark.parametrize("said", ["", "明晚8点 摄影", "20:00 1小时 从入门到精通", "20:00 相机选到手", "从8点到9点"])
def test_no_window(said: str):
    assert read_window(said, NOW, ZONE) is None


@pytest.mark.parametrize("said", ["明晚8点到25点 摄影", "1月32日 8点到9点 摄影"])
def test_a_window_that_cannot_be(said: str):
    with pytest.raises(NotATime):
        read_window(said, NOW, ZONE)


@given(
    st.builds("{}{}{}{}{} 主题".format, PARTS, CLOCKS, st.sampled_from("到至-~"), PARTS, CLOCKS),
)
def test_a_window_ends_within_two_days_after_it_begins(said: str):
    found = read_window(said, NOW, ZONE)
    assert found is not None
    assert timedelta(0) < found[1] - found[0] <= timedelta(days=2)


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("8pm", "05 20:00"), ("8:30 pm", "05 20:30"), ("8 PM", "05 20:00"), ("12pm", "05 12:00"),
        ("tomorrow 20:00", "06 20:00"), ("tomorrow at 8 p.m.", "06 20:00"), ("20:00 tomorrow", "06 20:00"),
        ("tomorrow morning 9:30", "06 09:30"), ("tomorrow night 9:30", "06 21:30"), ("Tomorrow 8am", "06 08:00"),
        ("tonight 8pm", "05 20:00"), ("tonight 8:00", "05 20:00"), ("tonight 12am", "06 00:00"),
        ("8pm tonight", "05 20:00"), ("Friday 8pm", "09 20:00"), ("on tues at 8:15am", "06 08:15"),
        ("Monday 8am", "12 08:00"),
    ],
)  # fmt: skip
def test_english_times(said: str, at: str):
    found = ABSOLUTE.search(f"mug x2 {said}")
    assert found is not None
    assert found[0].strip() == said
    assert f"{read_absolute(found, NOW, ZONE).astimezone(ZONE):%d %H:%M}" == at


@pytest.mark.parametrize("said", ["8", "8 people", "8 amp", "x8pm", "today", "tonight"])
def test_what_only_looks_like_an_english_time(said: str):
    assert ABSOLUTE.fullmatch(said) is None


@pytest.mark.parametrize("said", ["13pm", "0am", "8:75 pm"])
def test_an_english_time_that_cannot_be(said: str):
    found = ABSOLUTE.fullmatch(said)
    assert found is not None
    with pytest.raises(NotATime):
        read_absolute(found, NOW, ZONE)
