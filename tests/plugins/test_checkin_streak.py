"""Test: streaks and turns: pure rules of check-in and topic, by their laws."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.checkin.store import streak
from plugins.topic.store import Item, next_in_turn

TODAY = date(2026, 3, 1)


def ago(*days: int) -> set[date]:
    return {TODAY - timedelta(days=number) for number in days}


@pytest.mark.parametrize(
    ("mine", "open_days", "length"),
    [
        (ago(0, 1, 2), ago(0, 1, 2, 3), 3),
        # Today is not over yet.
        (ago(1, 2), ago(0, 1, 2, 3), 2),
        (ago(0, 2), ago(0, 1, 2), 1),
        # Days without anything to do break nothing: tasks on weekdays only.
        (ago(0, 3, 4), ago(0, 3, 4), 3),
        (set(), ago(0, 1), 0),
        (ago(0), set(), 1),
    ],
)
def test_how_many_days_in_a_row(mine: set[date], open_days: set[date], length: int):
    assert streak(mine, open_days, TODAY) == length


_DAYS = st.sets(st.integers(0, 30)).map(lambda days: ago(*days))


@given(_DAYS, _DAYS)
def test_making_up_a_day_never_shortens_a_streak(mine: set[date], open_days: set[date]):
    before = streak(mine, open_days, TODAY)
    assert before <= len(mine)
    for day in open_days - mine:
        assert streak(mine | {day}, open_days, TODAY) >= before


@given(st.integers(1, 12), st.integers(1, 20), st.integers(1, 60))
def test_no_topic_comes_again_too_soon_and_all_have_their_turn(count: int, rest: int, days: int):
    items = [Item(no, f"话题 {no}", None) for no in range(1, count + 1)]
    said: dict[int, date] = {}
    turns = []
    for ahead in range(days):
        day = TODAY + timedelta(days=ahead)
        chosen = next_in_turn([Item(i.no, i.text, said.get(i.no)) for i in items], day, timedelta(days=rest))
        if chosen is not None:
            assert chosen.no not in said or (day - said[chosen.no]).days >= rest
            said[chosen.no] = day
            turns.append(chosen.no)
    assert turns[:count] == list(range(1, count + 1))[: len(turns)]
    assert len(turns) >= min(count, days)
