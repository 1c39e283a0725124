"""Test: numbers as people write them."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.number import NUMBER, read_number

DIGITS = "零一二三四五六七八九"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("20", 20),
        ("0", 0),
        ("三", 3),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("两百", 200),
        ("一百零五", 105),
        ("三百五", 350),
        ("一百一十", 110),
        ("一千零二十", 1020),
        ("一千二", 1200),
        ("三千零五", 3005),
        ("一万", 10_000),
        ("1万", 10_000),
        ("3 百", 300),
        ("两万五", 25_000),
        ("两万零五", 20_005),
        ("两万五千", 25_000),
        ("十二万三千", 123_000),
        ("二〇二六", 2026),
        ("零", 0),
    ],
)
def test_numbers(text: str, number: int) -> None:
    assert read_number(text) == number
    assert re.fullmatch(NUMBER, text)


@pytest.mark.parametrize("text", ["", " ", "百", "万三", "十十", "一二百", "abc", "1.5", "-3", "²", "٣", "1" * 13])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="不是数字"):
        read_number(text)


def spoken(number: int) -> str:
    """The textbook form of 1–9999."""
    parts, gap = "", False
    for unit, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit = number // size % 10
        if digit:
            parts += ("零" if gap and parts else "") + DIGITS[digit] + unit
        gap = not digit
    return parts


@given(st.integers(1, 9999))
def test_every_textbook_number_reads_back(number: int) -> None:
    assert read_number(spoken(number)) == number
    assert read_number(str(number)) == number


@given(st.text("零〇一二两三四五六七八九十百千万0123456789", max_size=12))
def test_nothing_else_is_raised(text: str) -> None:
    with suppress(ValueError):
        assert read_number(text) >= 0


@pytest.mark.parametrize("text", ["一" + "万" * 5000, "万" * 5000, "9" * 5000, "九" * 5000])
def test_a_number_without_end_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="不是数字"):
        read_number(text)
