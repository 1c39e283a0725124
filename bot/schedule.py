"""Engine room: timers and jobs are rows; the table is the truth, an alarm (bot.alarm) only wakes us."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from bot.book import Book
from bot.clock import Clock
from bot.errors import BotError
from bot.events import Event, JobDue, TimerDue
from bot.plugin import Plugin
from bot.storage.tables import audit, jobs, timers
from bot.storage.work import Work
from bot.storage.writer import Writer
from bot.timetable import DROP, Timetable, next_daily, of_one

log = logging.getLogger(__name__)

CLAIMED_AT_ONCE = 1000
CHUNK = 250
"""Timers or jobs that share a unit of work: one commit for many, and little to repeat when one of them spoils it."""
BREATH = 10
"""After so many of them everything else gets its turn: a burst of timers must not hold up the loop."""

_DUE_TIMERS = (
    select(timers)
    .where(timers.c.due_at <= bindparam("now"))
    .order_by(timers.c.due_at, timers.c.id)
    .limit(CLAIMED_AT_ONCE)
)
_DUE_JOBS = (
    select(jobs)
    .where(jobs.c.next_at <= bindparam("now"))
    .order_by(jobs.c.next_at, jobs.c.plugin, jobs.c.name, jobs.c.group)
    .limit(CLAIMED_AT_ONCE)
)
_FORGET_TIMERS = delete(timers).where(timers.c.id.in_(bindparam("timers", expanding=True))).returning(timers.c.id)
_ADVANCE = (
    update(jobs)
    .where(*of_one)
    .values(next_at=bindparam("next"), last_at=bindparam("last"), last_outcome=bindparam("outcome"))
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that is due, with the event's natural id."""

    due_at: datetime
    event_id: str
    row: Any
    is_timer: bool


Handle = Callable[[Work, Event], Awaitable[None]]


@dataclass(slots=True, repr=False)
class Schedule:
    """Finds what is due and hands it to the dispatcher, each exactly once: the row moves on with the work it caused."""

    writer: Writer
    clock: Clock
    book: Book
    plugins: Sequence[Plugin[Any]]
    handle: Handle
    wake: Callable[[], None]
    missed: int = 0
    _next: datetime | None = None
    _known: bool = False
    _version: int = 0
    """Counts changes, so that what changes while we look makes us look again."""
    _timetable: Timetable = field(init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        jobs_by_name = {(plugin.name, job.name): job for plugin in self.plugins for job in plugin.jobs}
        self._timetable = Timetable(self.book, jobs_by_name)

    def changed(self) -> None:
        """A timer or job row has changed: look again for the next."""
        self._forget_next()
        self.wake()

    def _forget_next(self) -> None:
        self._known = False
        self._version += 1

    async def next_at(self) -> datetime | None:
        """When the next timer or job is due."""
        while not self._known:
            version = self._version
            found = await self.writer.run(self._find_next)
            if version == self._version:
                self._next, self._known = found, True
        return self._next

    def overdue(self, now: datetime) -> timedelta:
        """How long something has been due that has not been handed over."""
        return max(now - self._next, timedelta(0)) if self._known and self._next is not None else timedelta(0)

    async def _find_next(self, work: Work) -> datetime | None:
        timer = (await work.execute(select(func.min(timers.c.due_at).label("at")))).scalar_one()
        job = (await work.execute(select(func.min(jobs.c.next_at).label("at")))).scalar_one()
        return min((moment for moment in (timer, job) if moment is not None), default=None)

    async def fire_due(self) -> int:
        """Hand over everything due by now, earliest first; returns how many."""
        async with self._turn:
            return await self._fire_due()

    async def _fire_due(self) -> int:
        fired = 0
        while (due := await self.next_at()) is not None and due <= self.clock.now():
            claimed = sorted(await self._claim(self.clock.now()), key=lambda claim: claim.due_at)
            for start in range(0, len(claimed), CHUNK):
                await self._fire_chunk(claimed[start : start + CHUNK])
            fired += len(claimed)
            self._forget_next()
        return fired

    async def _fire_chunk(self, claims: Sequence[Claim]) -> None:
        """Together, or each alone when one of them spoils the others' work."""
        try:
            await self.writer.run(partial(self._fire_all, claims), keys=[claim.event_id for claim in claims])
        except (BotError, LookupError, TypeError, ValueError, TimeoutError) as error:
            if len(claims) == 1:
                await self.writer.run(partial(self._drop, claims[0], error))
                return
            for claim in claims:
                await self._fire_chunk([claim])

    async def _fire_all(self, claims: Sequence[Claim], work: Work) -> None:
        rung = [claim.row.id for claim in claims if claim.is_timer]
        if rung:
            gone = await work.execute(_FORGET_TIMERS, {"timers": rung}, alone=True)
            still = {row.id for row in gone}
        for number, claim in enumerate(claims):
            if number % BREATH == BREATH - 1:
                await asyncio.sleep(0)
            if claim.is_timer:
                if claim.row.id in still:
                    await self._ring(claim.row, work)
            else:
                await self._run_job(claim.row, work)

    async def _drop(self, claim: Claim, error: Exception, work: Work) -> None:
        """What cannot be handed over even alone is noted and left, so that it does not ring for ever."""
        log.error("%s cannot be handed over", claim.event_id, exc_info=error)
        row = claim.row
        if claim.is_timer:
            await work.execute(_FORGET_TIMERS, {"timers": [row.id]})
        else:
            zone = self.book.info(row.group).zone
            tomorrow = next_daily(row.next_at.astimezone(zone).time(), zone, self.clock.now())
            values = {"next": tomorrow, "last": row.next_at, "outcome": "failed"}
            await work.execute(_ADVANCE, {"of": row.plugin, "job": row.name, "in_group": row.group, **values})
        detail = {"error": f"{type(error).__name__}: {error}"[:300]}
        line = {"at": self.clock.now(), "group": row.group, "actor": "", "what": "schedule.failed", "detail": detail}
        work.add(audit, {**line, "case": None, "event_id": claim.event_id})

    async def _claim(self, now: datetime) -> list[Claim]:
        async def read(work: Work) -> tuple[list[Any], list[Any]]:
            due_timers = list(await work.execute(_DUE_TIMERS, {"now": now}))
            return due_timers, list(await work.execute(_DUE_JOBS, {"now": now}))

        due_timers, due_jobs = await self.writer.run(read)
        rung = [Claim(row.due_at, f"timer:{row.id}", row, is_timer=True) for row in due_timers]
        return rung + [Claim(row.next_at, self._job_id(row), row, is_timer=False) for row in due_jobs]

    async def _ring(self, row: Any, work: Work) -> None:
        event = TimerDue(
            id=f"timer:{row.id}",
            at=max(self.clock.now(), row.due_at),
            group=row.group,
            plugin=row.plugin,
            name=row.name,
            payload=row.payload,
        )
        await self.handle(work, event)

    def _job_id(self, row: Any) -> str:
        """By the group's own wall clock, so that an hour that comes twice in autumn rings once."""
        local = row.next_at.astimezone(self.book.info(row.group).zone).replace(tzinfo=None, fold=0)
        return f"job:{row.plugin}.{row.name}:{row.group}:{local.isoformat()}"

    async def _run_job(self, row: Any, work: Work) -> None:
        job = self._timetable.jobs.get((row.plugin, row.name))
        key = {"of": row.plugin, "job": row.name, "in_group": row.group}
        at = self._timetable.time_of(row.plugin, job, row.group) if job is not None else None
        if job is None or at is None:
            await work.execute(DROP, key)
            return
        now, zone = self.clock.now(), self.book.info(row.group).zone
        in_time = now - row.next_at <= job.late
        outcome = "done" if in_time else "missed"
        values = {"next": next_daily(at, zone, max(now, row.next_at)), "last": row.next_at, "outcome": outcome}
        work.later(_ADVANCE, {**key, **values})
        event_id = self._job_id(row)
        if in_time:
            due = JobDue(id=event_id, at=now, group=row.group, plugin=row.plugin, name=row.name, due_at=row.next_at)
            await self.handle(work, due)
            return
        self.missed += 1
        log.warning("job %s.%s of %s was missed, due %s", row.plugin, row.name, row.group, row.next_at)
        detail = {"job": f"{row.plugin}.{row.name}", "due_at": row.next_at.isoformat()}
        line = {"at": now, "group": row.group, "actor": "", "what": "job.missed", "detail": detail}
        work.add(audit, {**line, "case": None, "event_id": event_id})

    async def plan(self, groups: Iterable[str]) -> None:
        """Bring the job rows of these groups in step with their settings. A changed time starts from now."""
        wanted = list(groups)

        async def write(work: Work) -> None:
            have = await self._timetable.rules(work, wanted)
            for number, group in enumerate(wanted):
                if number % BREATH == BREATH - 1:
                    await asyncio.sleep(0)
                self._timetable.plan_group(work, group, have.get(group, {}), self.clock.now())

        await self.writer.run(write)
        self.changed()
