"""Test: wave_guard: counting joins within a minute, and a wave that survives being written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plugins.wave_guard.wave import KEPT, MOST_INVITERS, Lately, Wave, read_wave

T0 = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["", "a", "b"])), max_size=80), st.integers(1, 10))
def test_exactly_the_joins_of_the_last_minute_count(steps: list[tuple[int, str]], limit: int) -> None:
    lately, at, seen = Lately(), T0, []
    for step, inviter in steps:
        at += timedelta(seconds=step)
        seen.append((at, inviter))
        lately.add(at, f"p{len(seen)}", inviter)
        within = [by for when, by in seen if when > at - timedelta(minutes=1)]
        assert len(lately.joins) == len(within)
        worst = max((within.count(by) for by in ("a", "b")), default=0)
        assert lately.exceeds(limit, 1000) is (len(within) > limit)
        assert lately.exceeds(1000, limit) is (worst > limit)


def test_who_comes_again_is_one_person() -> None:
    lately = Lately()
    for second in range(0, 60, 10):
        lately.add(T0 + timedelta(seconds=second), "甲", "小李")
    lately.add(T0 + timedelta(seconds=55), "乙", "小李")
    assert not lately.exceeds(2, 2)
    lately.add(T0 + timedelta(seconds=56), "丙", "")
    assert lately.exceeds(2, 2)
    assert not lately.exceeds(3, 2)
    # 甲 came last at 50: after 1:50 only the other two are left.
    lately.add(T0 + timedelta(seconds=110), "乙", "")
    assert list(lately.joins) == ["丙", "乙"]


def test_memory_is_bounded() -> None:
    lately, wave = Lately(), Wave(T0, False)
    for number in range(3 * KEPT):
        lately.add(T0, f"p{number}", f"p{number}")
        wave.add(f"p{number}")
    assert len(lately.joins) == KEPT
    assert len(wave.by) == MOST_INVITERS
    assert wave.count == 3 * KEPT


def test_a_wave_is_read_back() -> None:
    wave = Wave(T0, True)
    for inviter in ("小李", "小李", ""):
        wave.add(inviter)
    assert read_wave(wave.written()) == wave
