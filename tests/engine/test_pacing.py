"""Test: pacing: whatever is sent, in whatever order, the account keeps its manners."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pacing import Pace, Pacer

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def pacer(gap: float = 1, group_gap: float = 2, jitter: float = 0, per_minute: int = 20, per_day: int = 0) -> Pacer:
    return Pacer(Pace(gap * SECOND, group_gap * SECOND, jitter * SECOND, per_minute, per_day), Random(1))  # noqa: S311


def send_all(pace: Pacer, sends: list[tuple[str, bool]]) -> list[tuple[datetime, str, bool]]:
    now, sent = NOW, []
    for group, urgent in sends:
        now = pace.next_at(group, now, urgent=urgent)
        pace.sent(group, now)
        sent.append((now, group, urgent))
    return sent


@pytest.mark.parametrize("groups", [1, 7, 1500])
def test_a_burst_of_a_thousand(groups: int):
    pace = pacer(jitter=0.5)
    sent = send_all(pace, [(f"g{n % groups}", False) for n in range(1000 if groups < 1000 else 3000)])
    check(sent, pace.pace)


sends = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.booleans()), min_size=1, max_size=120)


@settings(max_examples=60, deadline=None)
@given(sends, st.floats(0, 3), st.floats(0, 5), st.floats(0, 1), st.integers(1, 30), st.integers(0, 60))
def test_pacing_is_never_broken(some, gap, group_gap, jitter, per_minute, per_day):
    pace = pacer(gap, group_gap, jitter, per_minute, per_day)
    check(send_all(pace, some), pace.pace)


def check(sent: list[tuple[datetime, str, bool]], pace: Pace) -> None:
    last_in: dict[str, datetime] = {}
    for index, (at, group, urgent) in enumerate(sent):
        if index and not urgent:
            assert at - sent[index - 1][0] >= pace.gap
            if group in last_in:
                assert at - last_in[group] >= pace.group_gap
        last_in[group] = at
        assert sum(1 for other, _, _ in sent[: index + 1] if at - MINUTE < other) <= pace.per_minute
        if pace.per_day and not urgent:
            calm = sum(1 for other, _, hurry in sent[: index + 1] if at - timedelta(days=1) < other and not hurry)
            assert calm <= pace.per_day


def test_an_urgent_send_waits_for_no_gap():
    pace = pacer(gap=10, group_gap=10)
    pace.sent("g", NOW)
    assert pace.next_at("g", NOW, urgent=True) == NOW
    assert pace.next_at("g", NOW) == NOW + 10 * SECOND


def test_an_urgent_send_is_not_held_until_tomorrow():
    pace = pacer(gap=0, group_gap=0, per_day=3)
    for _ in range(5):
        pace.sent("g", NOW)
    later = NOW + 2 * MINUTE
    assert pace.next_at("g", later, urgent=True) == later
    assert pace.next_at("g", later) >= NOW + timedelta(days=1)


def test_complaints_halve_the_rate_for_a_while():
    pace = pacer(gap=2, group_gap=4, per_minute=10)
    pace.sent("g", NOW)
    pace.slow_down(NOW, 10 * MINUTE)
    assert pace.next_at("other", NOW) == NOW + 4 * SECOND
    assert pace.next_at("g", NOW) == NOW + 8 * SECOND
    sent = send_all(pace, [(f"g{n}", False) for n in range(12)])
    assert sum(1 for at, _, _ in sent if at - sent[0][0] < MINUTE) <= 5
    after = NOW + 11 * MINUTE
    pace.sent("g", after)
    assert pace.next_at("other", after) == after + 2 * SECOND
