"""Test: a year of briefs: each exactly once, none early, none later than its policy, whatever dies in between.

What always runs is a part of it: 18 groups over 32 days with 200 kills. BRIEF_YEAR=300x365 runs the whole.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.actions import Action, SendText
from bot.errors import Unavailable
from bot.loader import load_plugin
from bot.storage.tables import audit, outbox
from plugins.brief.edition import LATE
from tests.engine.stage import FarSide, Stage, running_app

BRIEF = load_plugin("brief")
GROUPS, DAYS = map(int, os.environ.get("BRIEF_YEAR", "18x32").split("x"))
KILLS = int(os.environ.get("BRIEF_KILLS", "200"))
FIRST = date(2026, 3, 1)
"""London and New York change their clocks in the days that follow."""
ZONES = ("Asia/Shanghai", "Europe/London", "America/New_York")
EDITIONS = {"morning": time(8), "evening": time(21)}
PACED = timedelta(minutes=5)
"""So long may the account's pace hold the last of hundreds that are due at once."""
HOUR = timedelta(hours=1)


class Around(FarSide):
    """Takes a moment for each message, so that a death can come before, within and after it."""

    async def perform(self, action: Action):  # type: ignore[no-untyped-def]
        await asyncio.sleep(0)
        if not self.connected:
            raise Unavailable("away")
        receipt = self.carry_out(action)
        await asyncio.sleep(0)
        return receipt


@dataclass
class Year:
    """One run: the stage, its accidents, and what was counted."""

    stage: Stage
    random: Random
    groups: dict[str, ZoneInfo]
    last: datetime
    kills: int = 0
    jumps: list[tuple[datetime, timedelta]] = field(default_factory=list)
    away: list[tuple[datetime, datetime]] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.stage.clock.now()

    async def live(self, until: datetime) -> None:
        await self.stage.app.advance(until)

    async def die(self, at: datetime) -> None:
        """Live until then, and die while whatever is due is being done."""
        if at > self.now:
            await self.live(at - timedelta(seconds=1))
        work = asyncio.create_task(self.stage.app.advance(at + timedelta(seconds=self.random.choice((0, 1, 30)))))
        for _ in range(self.random.randrange(400)):
            if work.done():
                break
            await asyncio.sleep(0)
        await self.stage.crash()
        work.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await work
        self.kills += 1
        self.stage.clock.set(self.now + timedelta(seconds=self.random.randrange(0, 600)))
        await self.stage.reopen()
        await self.stage.app.settle()

    async def lose_gateway(self, hours: float) -> None:
        self.stage.far.connected = False
        began = self.now
        await self.live(began + hours * HOUR)
        self.stage.far.connected = True
        self.away.append((began, self.now))
        await self.live(self.now + timedelta(minutes=15))

    async def jump(self, hours: float) -> None:
        """The machine's clock is set: nothing happened in between, or it happens again."""
        by = hours * HOUR
        self.jumps.append((self.now, by))
        self.stage.clock.set(self.now + by)
        await self.stage.app.settle()

    def due(self) -> Iterator[tuple[str, date, str, datetime]]:
        """Every brief of these days."""
        for group, zone in self.groups.items():
            for n in range(DAYS):
                day = FIRST + timedelta(days=n)
                for edition, at in EDITIONS.items():
                    yield group, day, edition, datetime.combine(day, at, zone).astimezone(UTC)


def disturbed(year: Year, at: datetime) -> bool:
    """Whether the far side was away then or the clock left that moment out."""
    away = any(start - LATE <= at <= end for start, end in year.away)
    return away or any(start <= at <= start + by for start, by in year.jumps if by > LATE)


async def live_through(year: Year) -> None:
    """Day by day: kills wherever, most of them when something is due; some hours away; the clock set both ways."""
    random = year.random
    due, latest = sorted({at for *_, at in year.due()}), year.last - 2 * HOUR
    moments = sorted(
        min(random.choice(due) + timedelta(seconds=random.choice((0, 0, 0, 1, 20, random.randrange(80_000)))), latest)
        for _ in range(KILLS)
    )
    accidents = {date.fromordinal(FIRST.toordinal() + n): n % 10 for n in range(2, DAYS)}
    while year.now < year.last:
        tomorrow = datetime.combine(year.now.date() + timedelta(days=1), time(), UTC)
        while moments and moments[0] < min(tomorrow, year.last):
            await year.die(max(moments.pop(0), year.now))
        kind = accidents.pop(year.now.date(), None)
        if year.now < tomorrow:
            await year.live(min(tomorrow + random.random() * HOUR, year.last))
        if kind == 2:
            await year.lose_gateway(random.choice((0.5, 1.5, 3, 7)))
        elif kind == 5:
            await year.jump(random.choice((0.5, 1.9, 3.5)))
        elif kind == 8:
            await year.jump(-random.choice((0.5, 1, 2.5)))
    await year.live(year.last)


def count(year: Year) -> Counter[tuple[str, date, str]]:
    """How often each was sent; what was sent early or late fails at once."""
    due = {(group, day, edition): at for group, day, edition, at in year.due()}
    found: Counter[tuple[str, date, str]] = Counter()
    for at, action in year.stage.far.sent:
        if not isinstance(action, SendText) or action.to:
            continue
        title, line = action.text.split("\n")[:2]
        month, number = map(int, re.findall(r"\d+", line)[:2])
        # What is said of December may be said in January.
        day = min((date(at.year + n, month, number) for n in (-1, 0, 1)), key=lambda day: abs(day - at.date()))
        key = (action.group, day, "morning" if title.startswith("早安") else "evening")
        if FIRST <= day < FIRST + timedelta(days=DAYS):
            assert due[key] <= at <= due[key] + LATE + PACED, f"{key} due {due[key]} went out at {at}"
            found[key] += 1
    return found


async def reported(year: Year) -> set[tuple[str, str]]:
    """Group and due time of what the bot itself says it missed, and group and text of what it is not sure of."""
    missed = await year.stage.read(select(audit.c.group, audit.c.detail).where(audit.c.what == "job.missed"))
    unsure = await year.stage.read(
        select(outbox.c.group, outbox.c.payload).where(outbox.c.state.in_(("unknown", "expired")))
    )
    said = {(row.group, row.detail["due_at"]) for row in missed}
    return said | {(row.group, " ".join(row.payload["text"].split("\n")[:2])[:40]) for row in unsure}


@pytest.mark.slow
async def test_a_year_of_briefs(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.CRITICAL)
    far = Around()
    far.clock.set(datetime.combine(FIRST, time(), UTC) - 20 * HOUR)
    more = {"brief__morning_blocks": ("date",), "brief__evening_blocks": ("date",), "policy__quiet": "off"}
    async with running_app(tmp_path, BRIEF, far=far, members=(), bot__owners=("boss",), **more) as stage:
        groups = {f"g{n}": ZoneInfo(ZONES[n % 3]) for n in range(GROUPS)}
        for group, zone in groups.items():
            await stage.app.set_setting(group, "bot.timezone", zone.key)
        last = datetime.combine(FIRST + timedelta(days=DAYS), time(), UTC) - 18 * HOUR + timedelta(days=1)
        year = Year(stage, Random(DAYS), groups, last)  # noqa: S311  accidents, not secrets
        await live_through(year)
        found = count(year)
        lost = await reported(year)
        assert year.kills == KILLS
        assert not [key for key, times in found.items() if times > 1], "none twice"
        missing = []
        for group, day, edition, at in year.due():
            if not found[group, day, edition] and not disturbed(year, at) and (group, at.isoformat()) not in lost:
                title = "早安" if edition == "morning" else "晚上好"
                said = f"{day.month}月{day.day}日 "
                if not any(where == group and text.startswith(title) and said in text for where, text in lost):
                    missing.append((group, day, edition, at))
        assert not missing, missing[:5]
        every = GROUPS * DAYS * 2
        calm = sum(not disturbed(year, at) for *_, at in year.due())
        assert sum(found.values()) >= calm - KILLS
        assert calm > every * 0.8
        print(f"{sum(found.values())} of {every}, {calm} in calm, {len(lost)} reported, {year.kills} kills")  # noqa: T201
