"""Test: flood_guard: limits, windows, nights, memory that stays small, and one action for a burst."""

from __future__ import annotations

import time as clock
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.events import MessageReceived
from bot.model import Member
from bot.storage.tables import cases
from plugins.flood_guard import SENDERS, Recent, Settings, _recent, excess, is_night
from plugins.flood_guard import plugin as flood_guard
from plugins.moderation import plugin as moderation
from tests.engine.stage import XIAOLI, XIAOWANG, running_app

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
DEFAULT = Settings.model_validate({})


def message(seconds: float, text: str = "") -> MessageReceived:
    at = START + timedelta(seconds=seconds)
    return MessageReceived(id=f"{seconds}", at=at, group="g", sender=Member("w", "小王"), text=text)


def found(events: list[MessageReceived], settings: Settings = DEFAULT, night: bool = False) -> list[str]:
    """Names of the signals of the messages that are one too many."""
    recent, names = Recent(START), []
    for event in events:
        recent.count(event, settings)
        signal = excess(recent, event, settings, night)
        names += [signal.name] if signal else []
    return names


@pytest.mark.parametrize(
    ("gap", "count", "floods"),
    [(1.0, 8, 1), (1.0, 7, 0), (1.5, 8, 0), (2.0, 30, 1), (2.0, 29, 0), (3.0, 60, 0)],
)
def test_the_limits(gap: float, count: int, floods: int):
    assert len(found([message(n * gap, f"第{n}条消息") for n in range(count)])) == floods


def test_the_same_words_again_and_again():
    same = [message(n * 30, "大家看看我") for n in range(4)]
    assert found(same) == ["flood_repeat"]
    assert found([message(n * 41, "大家看看我") for n in range(4)]) == []
    assert found([message(n * 20, "收到") for n in range(6)]) == [], "short answers are no flood"


def test_half_as_much_at_night():
    burst = [message(n, f"第{n}条") for n in range(4)]
    assert found(burst) == []
    assert found(burst, night=True) == ["flood_rate"]


@pytest.mark.parametrize(
    ("now", "window", "night"),
    [
        (time(23, 30), "23:00-07:00", True),
        (time(6, 59), "23:00-07:00", True),
        (time(7, 0), "23:00-07:00", False),
        (time(12, 0), "12:00-13:00", True),
        (time(13, 0), "12:00-13:00", False),
        (time(3, 0), "off", False),
    ],
)
def test_what_night_is(now: time, window: str, night: bool):
    assert is_night(now, window) is night


@pytest.mark.parametrize("wrong", ["11点", "25:00-07:00", "23:00", "23:00-07:00-08:00", ""])
def test_a_night_that_is_no_window_is_refused(wrong: str):
    with pytest.raises(ValidationError, match="时段"):
        Settings.model_validate({"night": wrong})


def test_memory_is_bounded_and_the_quiet_are_forgotten_first():
    senders: dict[tuple[str, str], Recent] = {}
    for n in range(SENDERS + 5):
        _recent(senders, ("g", str(n)), START).count(message(0), DEFAULT)
        _recent(senders, ("g", "0"), START)
    assert len(senders) == SENDERS
    assert ("g", "0") in senders
    assert ("g", "1") not in senders


def test_who_was_silent_for_an_hour_is_forgotten():
    senders: dict[tuple[str, str], Recent] = {}
    for n in range(3 * 3600):
        event = message(n)
        _recent(senders, ("g", str(n)), event.at).count(event, DEFAULT)
    assert len(senders) == 3600


def test_only_what_still_counts_is_kept_of_a_member():
    recent = Recent(START)
    for n in range(3000):
        recent.count(message(n * 10, f"第{n}条消息"), DEFAULT)
    assert len(recent.times) == 6
    assert len(recent.texts) == 12


def test_a_long_flood_costs_no_more_than_a_short_one():
    events = [message(n / 1000, f"第{n}条消息") for n in range(10_000)]
    start = clock.thread_time()
    assert len(found(events)) == 10_000 - 7
    assert (clock.thread_time() - start) / 10_000 < 200e-6


async def test_fifty_in_ten_seconds_are_one_case(tmp_path: Path):
    async with running_app(tmp_path, flood_guard, moderation) as stage:
        for n in range(50):
            await stage.handle(stage.message(f"第{n}条"))
            stage.clock.set(stage.clock.now() + timedelta(milliseconds=200))
        await stage.say("别刷啦", XIAOLI)
        await stage.after(minutes=1)
        assert await stage.count(cases) == 1
        assert len(stage.far.texts()) == 1
        assert "@小王" in stage.far.texts()[0]


async def test_the_flood_itself_is_heard_by_nobody_else(tmp_path: Path):
    async with running_app(tmp_path, flood_guard, moderation) as stage:
        for n in range(12):
            await stage.handle(stage.message("/案件" if n > 8 else f"第{n}条"))
        await stage.after(seconds=5)
        assert len(stage.far.actions) == 1, "commands inside a flood are not answered"


async def test_who_goes_on_for_an_hour_is_told_about_now_and_then(tmp_path: Path):
    async with running_app(tmp_path, flood_guard, moderation) as stage:
        for n in range(1800):
            await stage.handle(stage.message(f"第{n}条"))
            stage.clock.set(stage.clock.now() + timedelta(seconds=1))
            if n % 60 == 59:
                await stage.app.settle()
        assert len(stage.far.texts()) == 2
        assert 1 <= len(stage.far.notices) <= 3
        assert stage.far.removed == []


async def test_every_member_is_counted_alone(tmp_path: Path):
    async with running_app(tmp_path, flood_guard, moderation) as stage:
        for n in range(7):
            await stage.handle(stage.message(f"王{n}", XIAOWANG), stage.message(f"李{n}", XIAOLI))
        assert await stage.count(cases) == 0


async def test_two_bots_do_not_share_their_counts(tmp_path: Path):
    for folder in ("a", "b"):
        async with running_app(tmp_path / folder, flood_guard) as stage:
            for n in range(5):
                await stage.handle(stage.message(f"第{n}条"))
            assert await stage.count(cases) == 0
