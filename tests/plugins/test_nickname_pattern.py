"""Test: nickname: which names fit a pattern, which patterns are refused, and that a stranger's name costs no time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from plugins.nickname.pattern import LONGEST, parse_pattern
from plugins.nickname.plugin import Settings

CARD = parse_pattern("名称-地区-职业")


@pytest.mark.parametrize(
    "name",
    [
        "张三-上海-设计", "上海-张三-设计", "张三－上海－设计", "张三 上海 设计", "张三　上海　设计", "张三/上海/设计",
        "张三｜上海｜设计", "张三_上海_设计", "张三·上海·设计", "张三、上海、设计", "张三—上海—设计",
        "【张三】上海（设计）",
        "张三🌟上海🌟设计", "张三-上海-设计-80后",
        "Tom-London-design", "张三\u200b-上海-\u200b设计", "ＴＯＭ－上海－设计",
    ],
)  # fmt: skip
def test_order_width_and_separators_are_free(name: str) -> None:
    assert CARD.fits(name)


@pytest.mark.parametrize(
    "name", ["", "张三", "张三-上海", "张三上海设计", "🐯🐯🐯", "\u200b-\u200b-\u200b", "---", "张三--", "- - 设计"]
)
def test_a_part_must_be_there(name: str) -> None:
    assert not CARD.fits(name)


def test_fixed_words_and_numbers() -> None:
    fan = parse_pattern("“金粉”-名称-地区")
    assert fan.example == "金粉-张三-上海"
    assert fan.fits("金粉-张三-上海")
    assert fan.fits("張三｜上海｜金粉")
    assert not fan.fits("张三-上海-设计")
    room = parse_pattern("楼栋-数字-称呼")
    assert room.fits("东区 302 王姐")
    assert not room.fits("东区-三零二-王姐")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "至少要有一项"), ("---", "至少要有一项"), (".*", "至少要有一项"), ('"金粉"', "至少要有一项"),
        ("名称", "什么名字都符合"), ("名称-名称", "写了两次"), ('"金粉-名称', "引号"), ('""-名称', "引号"),
        ('"😀"-名称', "引号|没有名字"), ("甲-乙-丙-丁-戊-己-庚", "没有名字放得下"),
        ('"' + "长" * 30 + '"-名称-地区', "没有名字"),
    ],
)  # fmt: skip
def test_patterns_that_fit_nobody_or_everybody_are_refused_when_saved(text: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Settings(pattern=text)


@given(st.text(max_size=60))
def test_whatever_is_accepted_fits_its_own_example_and_not_the_empty_name(text: str) -> None:
    try:
        pattern = parse_pattern(text)
    except ValueError:
        return
    assert pattern.fits(pattern.example)
    assert len(pattern.example) <= LONGEST
    assert not pattern.fits("")
    assert parse_pattern(pattern.source) == pattern


@given(st.text(max_size=200))
def test_any_name_is_judged_and_separators_at_its_ends_change_nothing(name: str) -> None:
    assert CARD.fits(name) is CARD.fits(f"--{name}--")


def test_time_grows_with_the_name_only() -> None:
    evil = "-a" * 50_000
    began = time.perf_counter()
    assert CARD.fits(evil)
    assert not parse_pattern('"金粉"-名称').fits(evil)
    assert time.perf_counter() - began < 2
