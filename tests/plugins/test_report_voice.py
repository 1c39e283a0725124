"""Test: what one person's word weighs: never more than one voice, less after each report that was not true."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.context import Case
from bot.model import Member, Mode
from plugins.report.voice import EXPIRED, WHOLE, Tally, judged, weight

NOW = datetime(2026, 1, 5, tzinfo=UTC)
counts = st.integers(0, 50)


def case(state: str, note: str = "") -> Case:
    return Case(1, "g", Member("w", "小王"), "report", "report", state, NOW, None, (), "", "", Mode.ENFORCE, note)


@given(counts, counts)
def test_never_more_than_one_voice_and_never_nothing(founded: int, unfounded: int):
    one = weight(Tally(founded, unfounded))
    assert 0 < one <= WHOLE
    assert (one == WHOLE) == (unfounded == 0)
    assert weight(Tally(founded, unfounded + 1)) <= one
    assert weight(Tally(founded + 1, unfounded)) >= one


def test_the_first_untruth_takes_two_thirds():
    assert [weight(Tally(0, n)) for n in (0, 1, 2, 3)] == [100, 33, 20, 14]
    assert weight(Tally(9, 1)) == 83


def test_only_what_an_admin_judged_counts():
    neither = [case("open"), case("left"), case("dropped"), case("closed", EXPIRED)]
    assert judged(neither) == Tally()
    founded = [case("removed"), case("removing"), case("failed"), case("closed"), case("closed", "founded")]
    assert judged([*founded, case("undone"), case("undone", "ham"), *neither]) == Tally(5, 2)
