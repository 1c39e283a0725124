"""Engine room: what wakes us: APScheduler rings for the next due moment and for housekeeping, and owns no truth."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock


@dataclass(slots=True)
class Alarm:
    """Rings callbacks at moments of the bot's own clock. Nothing here survives a restart, nor has to."""

    clock: Clock
    _scheduler: AsyncIOScheduler = field(default_factory=lambda: AsyncIOScheduler(timezone=UTC))

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """May be called twice."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def at(self, name: str, when: datetime | None, ring: Callable[[], None]) -> None:
        """Ring once at `when` (at once if past); replaces what rang under this name, None takes it away."""
        if when is None:
            if self._scheduler.get_job(name) is not None:
                self._scheduler.remove_job(name)
            return
        real = datetime.now(UTC) + max(when - self.clock.now(), timedelta(0))
        self._scheduler.add_job(
            _call, DateTrigger(run_date=real), (ring,), id=name, replace_existing=True, misfire_grace_time=None
        )

    def every(self, name: str, interval: timedelta, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work` again and again; a run that is missed is not made up, two never overlap."""
        self._scheduler.add_job(
            work,
            IntervalTrigger(seconds=round(interval.total_seconds()), timezone=UTC),
            id=name,
            replace_existing=True,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )


async def _call(ring: Callable[[], None]) -> None:
    ring()
