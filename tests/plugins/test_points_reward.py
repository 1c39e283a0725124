"""Test: what a sign-in is worth, and how `/加分` lines read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import normalise
from plugins.points.reward import checkin_reward, read_grant


@pytest.mark.parametrize(("streak", "reward"), [(1, (5, 6)), (6, (5, 1)), (7, (15, 0)), (8, (5, 6)), (14, (15, 0))])
def test_the_seventh_day_brings_more(streak: int, reward: tuple[int, int]) -> None:
    assert checkin_reward(streak, 5, 7, 10) == reward


def test_without_a_bonus_every_day_is_the_same() -> None:
    assert checkin_reward(7, 5, 0, 10) == (5, 0)
    assert checkin_reward(7, 5, 7, 0) == (5, 0)


@given(st.integers(1, 400), st.integers(1, 30))
def test_the_bonus_comes_after_as_many_days_as_told(streak: int, every: int) -> None:
    points, left = checkin_reward(streak, 5, every, 10)
    assert (points == 15) == (left == 0)
    assert checkin_reward(streak + left, 5, every, 10) == (15, 0)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("10", (10, "")),
        ("10 分享好文", (10, "分享好文")),
        ("+10分 分享 好文", (10, "分享 好文")),
        ("-5 迟到", (-5, "迟到")),
        ("－５", (-5, "")),
        ("扣5", (-5, "")),
        ("加 两百 活动", (200, "活动")),
        ("十积分", (10, "")),
        ("0", (0, "")),
    ],
)
def test_grants(text: str, read: tuple[int, str]) -> None:
    assert read_grant(normalise(text)) == read


@pytest.mark.parametrize("text", ["", "好", "好 10", "1.5", "10x", "--5", "万三", "9" * 13])
def test_what_is_no_grant(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        read_grant(text)
