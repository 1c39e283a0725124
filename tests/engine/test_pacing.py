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


def test_complaints_halve_the_rate_of_what_is_awaited_for_a_while():
    pace = pacer(gap=2, group_gap=4, per_minute=10)
    pace.sent("g", NOW)
    assert pace.slow_down(NOW, 10 * MINUTE, 120 * MINUTE)
    assert not pace.slow_down(NOW, 10 * MINUTE, 120 * MINUTE)
    assert pace.next_at("other", NOW, awaited=True) == NOW + 4 * SECOND
    assert pace.next_at("g", NOW, awaited=True) == NOW + 8 * SECOND
    assert pace.next_at("g", NOW, urgent=True) == NOW
    now, sent = NOW, []
    for number in range(12):
        now = pace.next_at(f"g{number}", now, awaited=True)
        pace.sent(f"g{number}", now)
        sent.append(now)
    assert sum(1 for at in sent if at - sent[0] < MINUTE) <= 5
    after = NOW + 11 * MINUTE
    pace.sent("g", after)
    assert pace.next_at("other", after) == after + 2 * SECOND


def test_what_nobody_waits_for_stays_until_the_brake_ends():
    pace = pacer(gap=2, group_gap=4)
    pace.slow_down(NOW, 10 * MINUTE, 120 * MINUTE)
    assert pace.next_at("g", NOW + MINUTE) == NOW + 10 * MINUTE


def test_the_brake_stays_on_longer_with_each_complaint_in_a_row():
    pace, now, lengths = pacer(), NOW, []
    for _ in range(6):
        assert pace.slow_down(now, 10 * MINUTE, 120 * MINUTE)
        assert pace.slow_until is not None
        lengths.append((pace.slow_until - now) / MINUTE)
        now = pace.slow_until + MINUTE
    assert lengths == [10, 20, 40, 80, 120, 120]
    now += timedelta(hours=3)
    pace.slow_down(now, 10 * MINUTE, 120 * MINUTE)
    assert pace.slow_until == now + 10 * MINUTE


def test_a_new_account_begins_with_a_tenth_and_grows():
    pace = Pacer(Pace(0 * SECOND, 0 * SECOND, 0 * SECOND, 0, 100, 50, timedelta(days=10)), Random(1), since=NOW)  # noqa: S311

    def sent_on(day: int) -> int:
        """How many go out on this day to one group, with no end of wishes."""
        start = NOW + timedelta(days=day)
        fresh, count, now = Pacer(pace.pace, Random(1), since=NOW), 0, start  # noqa: S311
        while (now := fresh.next_at("g", now)) < start + timedelta(hours=1):
            fresh.sent("g", now)
            count += 1
        return count

    assert [sent_on(day) for day in (0, 2, 5, 10, 400)] == [5, 10, 25, 50, 50]
