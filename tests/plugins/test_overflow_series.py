"""Test: overflow: numbered groups of one name, and what the next one is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.number import read_number
from plugins.overflow.plugin import Settings
from plugins.overflow.series import parse_topic, same_series, say_number


@pytest.mark.parametrize(
    ("topic", "number", "following"),
    [
        ("读书群 1", 1, "读书群 2"), ("读书1群", 1, "读书2群"), ("读书群１", 1, "读书群2"), ("读书一群", 1, "读书二群"),
        ("金粉九群", 9, "金粉十群"), ("金粉十九群", 19, "金粉二十群"), ("创富孵化群（3）", 3, "创富孵化群(4)"),
        ("创富孵化群 + 09", 9, "创富孵化群 + 10"), ("读书群三", 3, "读书群四"),
        ("2026年读书 8 号群", 8, "2026年读书 9 号群"),
        ("一起读书", 1, "一起读书 2"), ("读书群", 1, "读书群 2"), ("99", 1, "99 2"),
    ],
)  # fmt: skip
def test_the_next_number(topic: str, number: int, following: str) -> None:
    parsed = parse_topic(topic)
    assert parsed.number == number
    assert parsed.named(number + 1) == following


def test_a_series_is_one_name() -> None:
    assert same_series("读书群 1", "读书群 12")
    assert same_series("读书群 1", "读书群2")
    assert same_series("读书1群", "读书二群")
    assert same_series("读书群", "读书群 2")
    assert not same_series("读书群 1", "跑步群 1")
    assert not same_series("一起读书", "二起读书")


@given(st.integers(1, 999))
def test_numbers_are_read_back(number: int) -> None:
    assert read_number(say_number(number)) == number


@given(st.text(max_size=100))
def test_any_topic_has_a_next_one_of_the_same_series(topic: str) -> None:
    parsed = parse_topic(topic)
    assert 0 <= parsed.number <= 999
    if 0 < parsed.number < 99 and len(parsed.before) < 50 and parsed.family[0]:
        assert parse_topic(parsed.named(parsed.number + 1)).family == parsed.family


def test_full_above_the_limit_is_refused() -> None:
    with pytest.raises(ValidationError, match="不能比 limit"):
        Settings(limit=400)
