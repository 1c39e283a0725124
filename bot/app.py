"""Top: one running bot: what comes in, what is due, what goes out (put together in bot.build)."""

from __future__ import annotations

import asyncio
import logging
import secrets
import sqlite3
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import __version__
from bot.actions import Action, NotifyAdmins
from bot.alarm import Alarm
from bot.book import Book
from bot.clock import Clock, ManualClock, SandboxClock
from bot.courier import Courier
from bot.dispatch import Dispatcher
from bot.errand import Errands
from bot.events import Event, GatewayChanged, RosterSeen
from bot.outbox import Outbox
from bot.override import SettingStore
from bot.plugin import Plugin
from bot.reception import TROUBLE_PAUSE, Reception
from bot.schedule import Schedule
from bot.settings import Settings
from bot.storage.archive import own_since
from bot.storage.lease import Lease
from bot.storage.outbox import sent_since
from bot.storage.server import Server
from bot.storage.tables import installation
from bot.storage.tables import upsert as insert
from bot.storage.work import Work
from bot.storage.writer import Writer
from bot.texts import Texts
from bot.transport import Transport
from bot.upkeep import Upkeep

log = logging.getLogger(__name__)

FIRST_CALL = 30.0
"""Seconds that a start waits for the far side before timers ring all the same."""


@dataclass(slots=True, repr=False)
class App:
    """One running bot. `handle`, `settle`, `advance` drive it step by step; `run` lets it live."""

    settings: Settings
    plugins: Sequence[Plugin[Any]]
    transport: Transport
    clock: Clock
    database: Path
    writer: Writer
    reader: AsyncEngine
    book: Book
    dispatcher: Dispatcher
    outbox: Outbox
    courier: Courier
    schedule: Schedule
    texts: Texts
    errands: Errands
    alarm: Alarm
    started_at: datetime
    server: Server | None = None
    """Where the tables are, when not in the file."""
    lease: Lease | None = None
    lost: str = ""
    """Why this process may do nothing any more: another serves the account."""
    on_lost: list[Callable[[], None]] = field(default_factory=list)
    refused_by_reason: dict[str, int] = field(default_factory=dict)
    drain: Callable[[], Awaitable[None]] | None = None
    """Waits until the far side's own answers have been accepted; for a transport that lives in this process."""
    listeners: list[Callable[[], None]] = field(default_factory=list)
    reception: Reception = field(init=False)
    upkeep: Upkeep = field(init=False)
    _connected: asyncio.Event = field(default_factory=asyncio.Event)
    """What fell due while we were away waits until the far side has been reached once, or FIRST_CALL is over."""
    _due: asyncio.Event = field(default_factory=asyncio.Event)
    _parcels: asyncio.Event = field(default_factory=asyncio.Event)
    _plans: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.reception = Reception(self.dispatcher, self.writer, self.clock, self.place, self._finished)
        self.upkeep = Upkeep(self.database, self.writer, self.clock, self.settings, self.server, self._notify)
        self.writer.on_lost.append(self._lose)
        if self.lease is not None:
            self.lease.on_lost.append(self._lose)
            self.courier.may_send = self.lease.is_held

    @property
    def place(self) -> Path | str:
        """Where the tables are, for a sentence."""
        return self.database if self.server is None else self.server.place

    def _lose(self, why: str) -> None:
        self.lost = self.lost or why
        for tell in self.on_lost:
            tell()

    # ---- life

    async def start(self) -> None:
        """Open the file (migrated before), read what it knows, plan the jobs."""
        await self.writer.start()
        await self.writer.run(self._load)
        await self.schedule.plan(self.book.pages)

    async def _load(self, work: Work) -> None:
        await self.book.load(work)
        given = self.dispatcher.room.seed
        await work.execute(_KEEP, {"key": "seed", "value": given or secrets.token_hex(32)})
        kept = select(installation.c.value).where(installation.c.key == "seed")
        self.dispatcher.room.seed = given or str((await work.execute(kept)).scalar_one())
        rows, now = await self.outbox.load(work), self.clock.now()
        self.courier.pacer.since = await self._sending_since(work, now)
        self.courier.adopt(rows)
        for said in await own_since(work, min([now, *(row.created_at for row in rows)]) - timedelta(minutes=1)):
            self.courier.echoes.remember(said.at, said.group, said.text)
        for group, at in await sent_since(work, now - timedelta(days=1)):
            self.courier.pacer.sent(group, at)

    async def _sending_since(self, work: Work, now: datetime) -> datetime:
        """When this installation was started first: its account is new for a while."""
        await work.execute(_KEEP, {"key": "since", "value": now.isoformat()})
        kept = select(installation.c.value).where(installation.c.key == "since")
        return datetime.fromisoformat(str((await work.execute(kept)).scalar_one()))

    async def run(self) -> None:
        """Live until cancelled: listen, ring, deliver, tidy up."""
        self.alarm.start()
        asyncio.get_running_loop().call_later(FIRST_CALL, self._connected.set)
        self.upkeep.ring(self.alarm)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.transport.run(self.deliver), name="transport")
                tasks.create_task(self._keep(self._fire), name="schedule")
                tasks.create_task(self._keep(self._post), name="courier")
                tasks.create_task(self.upkeep.inspect(), name="inspection")
        finally:
            self.alarm.stop()

    async def stop(self) -> None:
        """Finish what is accepted, then let go of everything. May be called twice."""
        self.alarm.stop()
        await self.transport.close()
        await self.reception.finish()
        for task in self._plans:
            task.cancel()
        await self.errands.stop()
        await self.writer.stop()
        await self.reader.dispose()

    async def let_go(self) -> None:
        """Stop without writing anything: another serves the account."""
        self.alarm.stop()
        await self.transport.close()
        await self.kill()

    async def kill(self) -> None:
        """Let go as if the process had died: nothing more is written."""
        for task in self._plans:
            task.cancel()
        await self.reception.drop()
        await self.errands.stop()
        await self.writer.kill()
        await self.reader.dispose()

    # ---- events

    async def deliver(self, event: Event) -> None:
        """What the transport calls: returns once the event is accepted, waits when too many are under way."""
        await self.reception.take(event)

    async def handle(self, event: Event) -> None:
        """Take one event and wait until everything that follows from it is on disk."""
        await self.reception.handle(event)

    def _finished(self, event: Event) -> None:
        if isinstance(event, GatewayChanged) and event.up:
            self.courier.hurry()
        if isinstance(event, GatewayChanged | RosterSeen):
            self._parcels.set()
            self._connected.set()
        self._notify()

    # ---- time

    async def next_at(self) -> datetime | None:
        """The next moment at which something is due: a timer, a job, a delivery."""
        moments = (await self.schedule.next_at(), self.courier.next_at())
        return min((moment for moment in moments if moment is not None), default=None)

    async def settle(self) -> None:
        """Do everything due at this moment, until nothing more follows from it."""
        moved = 1
        while moved or self._plans or self.errands.under_way:
            if self.drain is not None:
                await self._catch_up(self.drain)
            await asyncio.gather(*self._plans)
            await self.errands.idle()
            moved = await self.schedule.fire_due() + await self.courier.deliver_due()
        self._notify()

    async def _catch_up(self, drain: Callable[[], Awaitable[None]]) -> None:
        """Until everything the far side has said so far is on disk."""
        await drain()
        await self.reception.enricher.idle()
        await self.writer.run(_nothing)

    async def advance(self, to: datetime) -> None:
        """Let the (manual or sandbox) clock run to `to`, stopping at each moment that something is due."""
        clock = self.clock
        assert isinstance(clock, ManualClock | SandboxClock)
        clock.set(clock.now())
        await self.settle()
        while (at := await self.next_at()) is not None and at <= to:
            clock.set(at)
            await self.settle()
            if (after := await self.next_at()) is not None and after <= at == clock.now():
                break
        clock.set(to)
        await self.settle()
        if isinstance(clock, SandboxClock):
            clock.flow()

    async def _keep(self, step: Callable[[], Awaitable[None]]) -> None:
        """A loop that outlives a disk that refuses to write."""
        while True:
            try:
                await step()
            except (SQLAlchemyError, OSError, sqlite3.Error) as error:
                self.reception.met(error)
                await asyncio.sleep(TROUBLE_PAUSE)

    async def _fire(self) -> None:
        await self._connected.wait()
        self._due.clear()
        await self.schedule.fire_due()
        self.alarm.at("schedule", await self.schedule.next_at(), self._due.set)
        self._notify()
        await self._due.wait()

    async def _post(self) -> None:
        self._parcels.clear()
        await self.courier.deliver_due()
        self.alarm.at("courier", self.courier.next_at(), self._parcels.set)
        self._notify()
        await self._parcels.wait()

    async def tell_keepers(self, text: str) -> None:
        """The engine's own word to whoever runs the bot, in WeChat."""
        now = self.clock.now()
        notice = NotifyAdmins(text=text)
        await self.writer.run(lambda work: self.outbox.notice(work, f"engine:{uuid.uuid4()}", now, notice))

    def count_refused(self, _at: datetime, _action: Action, reason: str) -> None:
        self.refused_by_reason[reason] = self.refused_by_reason.get(reason, 0) + 1

    def _notify(self) -> None:
        self.reception.check()
        for listener in self.listeners:
            listener()

    def look_at_schedule(self) -> None:
        """Something about what is due has changed."""
        self._due.set()

    def look_at_parcels(self) -> None:
        """There is something new to deliver."""
        self._parcels.set()

    # ---- from outside

    async def set_setting(self, group: str, key: str, value: object, *, by: str = "") -> None:
        """Save one setting of a group (or, with "", of all); raises CommandError when it is not allowed."""
        now = self.clock.now()

        async def write(work: Work) -> None:
            if group:
                self.book.page(work, group, now)
            await SettingStore(work, self.book, group, now, "").set(key, value, by=by)

        await self.writer.run(write)
        await self._replan(group)

    async def _replan(self, group: str) -> None:
        await self.schedule.plan([group] if group else list(self.book.pages))

    def plan_later(self, group: str) -> None:
        """Settings or management of a group changed: bring its jobs in step."""
        plan = asyncio.get_running_loop().create_task(self._replan(group))
        self._plans.add(plan)
        plan.add_done_callback(self._planned)

    def _planned(self, plan: asyncio.Task[None]) -> None:
        self._plans.discard(plan)
        if not plan.cancelled() and (error := plan.exception()) is not None:
            log.error("the jobs of a group could not be planned", exc_info=error)

    def status(self) -> Mapping[str, str]:
        """Short values for `/状态` and the health page."""
        health = self.transport.health()
        return {
            "version": __version__,
            "transport": self.transport.name,
            "connected": "yes" if health.connected else "no",
            "logged_in": "yes" if health.logged_in else "no",
            "detail": health.detail,
            "waiting": str(len(self.courier.rows)),
            "database_mb": f"{self.upkeep.bytes_kept() / 1_048_576:.1f}",
            "groups": str(len(self.book.managed())),
            "events": str(self.dispatcher.counts.events),
            "trouble": self.lost or self.reception.trouble or self.upkeep.damage,
            "uptime": str(int((self.clock.now() - self.started_at).total_seconds())),
        }


async def _nothing(_work: Work) -> None:
    """Ends when everything queued before it is on disk."""


_KEEP = insert(installation).on_conflict_do_nothing(index_elements=["key"])
