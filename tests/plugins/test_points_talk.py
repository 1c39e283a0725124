"""Test: which messages of a day are worth points, and which farm them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.points.reward import read_day
from plugins.points.talk import COPIES, Said, Worth, core, counted

START = datetime(2026, 1, 5, 9, 0)  # noqa: DTZ001  a local time of day is all that counts
TEXTS = (
    "今天读完了第三章",
    "大家最喜欢哪一段呢",
    "好",
    "哈哈哈哈哈哈",
    "12345678",
    "收到收到收到",
    "我也喜欢河流那一段",
)


def said(*texts: str, by: str = "w", every: timedelta = timedelta(minutes=2)) -> list[Said]:
    return [Said(by, START + number * every, text) for number, text in enumerate(texts)]


def test_what_has_something_in_it_counts_once() -> None:
    assert counted(
        said("今天读完了第三章", "今天读完了第三章！", "今天读完了第 3 章", "大家最喜欢哪一段"), Worth()
    ) == {"w": 3}


@pytest.mark.parametrize(
    "text", ["好", "嗯嗯嗯嗯嗯", "哈哈哈哈哈哈哈", "6666666", "👍👍👍👍👍", "。。。。。。", "", "好的好的", "hahahaha"]
)
def test_what_says_nothing_does_not(text: str) -> None:
    assert counted(said(text), Worth()) == {}


def test_two_at_once_are_one() -> None:
    quick = said("今天读完了第三章", "写得真是非常好", "大家最喜欢哪一段", every=timedelta(seconds=30))
    assert counted(quick, Worth()) == {"w": 2}


def test_a_chain_that_everybody_copies_stops_counting() -> None:
    people = [Said(f"p{number}", START + number * timedelta(minutes=1), "恭喜小王读完第三章") for number in range(10)]
    assert counted(people, Worth()) == {f"p{number}": 1 for number in range(COPIES)}


@pytest.mark.parametrize(
    ("at", "night", "counts"),
    [
        (time(3, 0), (time(0), time(6)), False),
        (time(6, 0), (time(0), time(6)), True),
        (time(23, 30), (time(23), time(6)), False),
        (time(5, 59), (time(23), time(6)), False),
        (time(12, 0), (time(23), time(6)), True),
        (time(3, 0), None, True),
        (time(3, 0), (time(3), time(3)), True),
    ],
)
def test_the_night_does_not_count(at: time, night: tuple[time, time] | None, counts: bool) -> None:
    one = Said("w", datetime.combine(START.date(), at), "半夜睡不着起来聊两句")
    assert bool(counted([one], Worth(night=night))) is counts


def test_what_differs_only_in_marks_and_digits_is_the_same() -> None:
    assert core("我也喜欢河流！！") == core("我也 喜欢河流 2") == core("我也喜欢河流👍") != core("他也喜欢河流")


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 1439), st.sampled_from(TEXTS)), max_size=60))
def test_nobody_gets_more_than_one_a_gap_or_one_a_text(talk: list[tuple[str, int, str]]) -> None:
    day = datetime.combine(START.date(), time())
    ordered = [Said(by, day + timedelta(minutes=minute), text) for by, minute, text in sorted(talk, key=lambda t: t[1])]
    found = counted(ordered, Worth(gap=timedelta(minutes=30)))
    for by, count in found.items():
        mine = [one for one in ordered if one.by == by]
        assert count <= len({core(one.text) for one in mine})
        assert count <= (mine[-1].at - mine[0].at) // timedelta(minutes=30) + 1


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("昨天", date(2026, 1, 4)),
        ("前天", date(2026, 1, 3)),
        ("今天", date(2026, 1, 5)),
        ("1/4", date(2026, 1, 4)),
        ("1月4日", date(2026, 1, 4)),
        ("4号", date(2026, 1, 4)),
        ("31", date(2025, 12, 31)),
        ("12-30", date(2025, 12, 30)),
        ("1/6", date(2026, 1, 6)),
    ],
)
def test_days_gone_by(text: str, day: date) -> None:
    assert read_day(text, date(2026, 1, 5)) == day


@pytest.mark.parametrize("text", ["很久以前", "2月30日", "0/4", "13/1", "32", "1.5天", "天", "-1", "4/"])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        read_day(text, date(2026, 1, 5))
