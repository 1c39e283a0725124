"""Test: the interval that a counted share lies within."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.share import interval


@given(st.integers(0, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_true_share_lies_within_and_more_cases_know_more(counts: tuple[int, int]):
    found, cases = counts
    low, high = interval(found, cases)
    assert 0 <= low <= high <= 1
    if cases:
        assert low - 1e-9 <= found / cases <= high + 1e-9
        wider = interval(found * 2, cases * 2)
        assert wider[1] - wider[0] <= high - low + 1e-9


def test_known_figures():
    low, high = interval(3, 10)
    assert (round(low, 3), round(high, 3)) == (0.127, 0.558)
