"""Test: one verified copy a day at its local time, made up after an absence, never at the price of the disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import nightly
from bot.errors import StorageError
from bot.nightly import Nightly
from bot.storage.migrate import upgrade

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def copies(tmp_path: Path) -> Nightly:
    upgrade(tmp_path / "shequn.db")
    return Nightly(tmp_path / "shequn.db", time(4, 30), ZONE, 3)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


async def test_one_a_day_and_the_newest_three(copies: Nightly):
    made = []
    now = at(5, 12)
    while now < at(12, 12):
        if copies.is_due(now):
            made.append((now.astimezone(ZONE), await copies.make(now)))
        now += timedelta(minutes=30)
    assert [when.strftime("%d %H:%M") for when, _ in made] == ["05 12:00", *(f"{day:02} 04:30" for day in range(6, 13))]
    kept = sorted(copies.folder.glob("*.db"))
    assert kept == [path for _, path in made[-3:]]
    with closing(sqlite3.connect(kept[-1])) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM handled").fetchone() == (0,)


async def test_an_absence_is_made_up_once(copies: Nightly):
    await copies.make(at(5, 5))
    assert not copies.is_due(at(6, 4, 29))
    assert copies.is_due(at(9, 11))
    await copies.make(at(9, 11))
    assert not copies.is_due(at(9, 23))
    assert copies.is_due(at(10, 4, 30))


async def test_no_room_no_copy_and_nothing_half_done(copies: Nightly, monkeypatch: pytest.MonkeyPatch):
    await copies.make(at(5, 5))
    monkeypatch.setattr(nightly, "free_space", lambda _: 1000)
    with pytest.raises(StorageError, match="放不下"):
        await copies.make(at(6, 5))
    assert len(list(copies.folder.iterdir())) == 1
    assert copies.is_due(at(6, 5))
