"""Engine room: events come in, once each, and go round the plugins in one transaction, for a limited time."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from time import perf_counter
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.book import Book
from bot.boundary import Boundary, Counts, record
from bot.commander import Commander
from bot.events import Event, GatewayChanged, MessageReceived, OwnMessageSeen, RosterSeen
from bot.limit import Limit
from bot.orders import Orders
from bot.plugin import Plugin
from bot.roster import Roster
from bot.rounds import Rounds, Settle
from bot.scope import Room
from bot.storage.archive import store_message
from bot.storage.tables import handled
from bot.storage.work import Work
from bot.storage.writer import Writer

log = logging.getLogger(__name__)

LISTS = 500
REMEMBERED = 50_000
"""Ids of events kept in memory besides the table, so that most repetitions need no look-up."""
_HANDLED = select(handled.c.id).where(handled.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(slots=True, repr=False)
class Dispatcher:
    """Hands events to plugins. Everything of one event is kept together or not at all."""

    writer: Writer
    room: Room
    roster: Roster
    commander: Commander
    plugins: Sequence[Plugin[Any]]
    settle: Settle
    seen_own: Callable[[Work, OwnMessageSeen], Awaitable[None]]
    time_limit: timedelta = timedelta(seconds=10)
    boundary: Boundary = field(init=False)
    rounds: Rounds = field(init=False)
    _limit: Limit = field(default_factory=Limit)
    _known_ids: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _lists: dict[str, RosterSeen] = field(default_factory=dict)
    """The last member list of groups we do not look after, in memory only, should we be asked to."""

    def __post_init__(self) -> None:
        self.boundary = Boundary(self.room)
        orders = Orders(self.commander, self.boundary, self.plugins)
        self.rounds = Rounds(self.room, orders, self.boundary, self.plugins, self.settle)
        self.writer.prepare = self.look_up
        self.writer.forget.append(self._known_ids.clear)

    @property
    def book(self) -> Book:
        return self.room.book

    @property
    def counts(self) -> Counts:
        return self.boundary.counts

    def submit(self, event: Event) -> asyncio.Future[None]:
        """Queue an event; the future ends when its work is on disk."""
        done = self.writer.submit(lambda work: self.handle(work, event), keys=(event.id,), lane=_lane(event))
        done.add_done_callback(partial(self._give_up_hanging, event, perf_counter()))
        return done

    def _give_up_hanging(self, event: Event, began: float, done: asyncio.Future[None]) -> None:
        """An event that took too long is noted as handled, so that it does not come back and hang again."""
        self.counts.taken.add(perf_counter() - began)
        if done.cancelled() or not isinstance(done.exception(), TimeoutError):
            return
        busy = self.boundary.busy
        log.error("plugin %s took too long on event %s, the event is left alone", busy, event.id)
        self.boundary.too_slow(busy, event.at)

        async def note(work: Work) -> None:
            work.add(handled, {"id": event.id, "at": event.at})
            self._known_ids[event.id] = None
            record(work, event, "plugin.too_slow", {"plugin": busy})

        self.writer.submit(note, keys=(event.id,), lane=_lane(event))

    async def look_up(self, connection: AsyncConnection, ids: Sequence[str]) -> None:
        """Learn at once which events of a batch have been handled before."""
        unknown = [event_id for event_id in ids if event_id not in self._known_ids]
        for row in await connection.execute(_HANDLED, {"ids": unknown}) if unknown else ():
            self._known_ids[row.id] = None

    async def handle(self, work: Work, event: Event) -> None:
        """Everything that follows from one event. An id seen before does nothing."""
        if event.id in self._known_ids:
            self.counts.repeated += 1
            return
        work.add(handled, {"id": event.id, "at": event.at})
        self._known_ids[event.id] = None
        work.on_rollback.append(lambda: self._known_ids.pop(event.id, None))
        while len(self._known_ids) > REMEMBERED:
            self._known_ids.popitem(last=False)
        self.counts.events += 1
        with self._limit(self.time_limit.total_seconds()):
            await self._handle(work, event)

    async def _handle(self, work: Work, event: Event) -> None:
        if isinstance(event, OwnMessageSeen):
            if event.group and self.book.manages(event.group):
                account = self.room.transport.account.id
                store_message(work, event.id, event.group, account, event.at, "own", event.text, None)
            await self.seen_own(work, event)
            return
        if isinstance(event, GatewayChanged):
            await self.roster.gap(work, event)
        if event.group:
            self.book.page(work, event.group, event.at)
            if not self.book.manages(event.group):
                await self._unmanaged(work, event)
                return
        for fact in await self.roster.observe(work, event):
            await self.rounds.run(work, fact)

    async def _unmanaged(self, work: Work, event: Event) -> None:
        """Nothing is kept of groups we do not look after, but their names and the word to begin."""
        if topic := getattr(event, "topic", ""):
            self.book.change(work, event.group, topic=topic)
            if self.book.manages(event.group):
                await self.roster.observe(work, event)
        if isinstance(event, RosterSeen):
            self._lists[event.group] = event
            while len(self._lists) > LISTS:
                self._lists.pop(next(iter(self._lists)))
        if isinstance(event, MessageReceived):
            await self.rounds.command(work, event, [])
            if self.book.manages(event.group) and (listed := self._lists.pop(event.group, None)) is not None:
                # Somebody said /启用: who is here need not wait for the next look at the list.
                await self.roster.observe(work, listed)


def _lane(event: Event) -> str:
    """Whose events wait for one another: those of a group, or of somebody who writes in private."""
    if event.group or not isinstance(event, MessageReceived):
        return event.group
    return event.sender.id
