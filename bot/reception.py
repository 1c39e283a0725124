"""Top: where events come in: counted, looked at, handed on in order, and kept in memory while the disk refuses."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.dispatch import Dispatcher
from bot.enrich import Enricher
from bot.events import Event, GatewayChanged, OwnMessageSeen, RosterSeen
from bot.storage.trouble import explain, may_pass
from bot.storage.writer import Writer

log = logging.getLogger(__name__)

IN_FLIGHT = 10_000
"""Events accepted but not yet on disk; more than that make the transport wait."""
TROUBLE_PAUSE = 2.0
"""Seconds between attempts while the disk refuses to write."""
_BY_ITSELF = (RosterSeen, GatewayChanged, OwnMessageSeen)
"""What comes without anybody doing anything."""


@dataclass(slots=True, repr=False)
class Reception:
    """Takes events in. `finished` is called once what follows from an event is on disk, or given up."""

    dispatcher: Dispatcher
    writer: Writer
    clock: Clock
    database: Path | str
    finished: Callable[[Event], None]
    trouble: str = ""
    """Why the disk refuses to write now, in one sentence."""
    heard_at: datetime | None = None
    """When somebody was last heard; member lists and the gateway's own words do not count."""
    enricher: Enricher = field(init=False)
    _room_left: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(IN_FLIGHT))
    _held: deque[Event] = field(default_factory=deque)
    """Events that could not be written yet, in their order."""
    _holding: asyncio.Task[None] | None = None
    _commits: int = 0
    """How many there were when the trouble was last met."""

    def __post_init__(self) -> None:
        self.enricher = Enricher(self._forward)

    @property
    def is_holding(self) -> bool:
        """Whether events wait in memory for the disk."""
        return bool(self._held)

    async def take(self, event: Event) -> None:
        """Returns once the event is accepted, waits when too many are under way."""
        await self._room_left.acquire()
        await self.enricher.feed(event)

    async def handle(self, event: Event) -> None:
        """Take one event and wait until everything that follows from it is on disk."""
        self._heard(event)
        await self.dispatcher.submit(await self.enricher.look(event))
        self.finished(event)

    async def finish(self) -> None:
        """Wait until everything accepted has been passed on; what could not be written is lost, and said."""
        await self.enricher.finish()
        if self._held:
            log.error("停机时还有 %s 条消息没能写进数据库 (events lost at the stop)", len(self._held))
        self._let_go()

    async def drop(self) -> None:
        """Let go of everything at once."""
        self._let_go()
        await self.enricher.stop()

    def met(self, error: BaseException) -> None:
        """The disk refuses to write: said once, not with every attempt."""
        before, self.trouble = self.trouble, str(explain(self.database, error))
        self._commits = self.writer.commits
        if self.trouble != before:
            log.error("%s。收到的消息先留在内存里，能写了接着处理 (events wait in memory)", self.trouble)

    def check(self) -> None:
        """A commit since then proves that the trouble is over."""
        if self.trouble and self.writer.commits > self._commits:
            self.trouble = ""
            log.warning("数据库又能写了，接着处理 (the database works again)")

    def _let_go(self) -> None:
        if self._holding is not None:
            self._holding.cancel()

    def _heard(self, event: Event) -> None:
        if not isinstance(event, _BY_ITSELF):
            self.heard_at = self.clock.now()

    async def _forward(self, event: Event) -> None:
        self._heard(event)
        if self._held:
            self._held.append(event)
            return
        done = self.dispatcher.submit(event)
        done.add_done_callback(lambda result: self._accepted(event, result))

    def _accepted(self, event: Event, done: asyncio.Future[None]) -> None:
        error = None if done.cancelled() else done.exception()
        if error is not None and is_passing(error):
            self.met(error)
            self._held.append(event)
            if len(self._held) == 1:
                self._holding = asyncio.get_running_loop().create_task(self._hold_the_line())
            return
        self._done(event)
        if error is not None:
            log.error("event %s could not be handled", event.id, exc_info=error)

    def _done(self, event: Event) -> None:
        self._room_left.release()
        self.finished(event)

    async def _hold_the_line(self) -> None:
        """The disk is full or locked: events wait in memory in their order, later ones behind them."""
        while self._held:
            await asyncio.sleep(TROUBLE_PAUSE)
            while self._held and await self._try_again(self._held[0]):
                self._done(self._held.popleft())

    async def _try_again(self, event: Event) -> bool:
        """Whether the event is dealt with."""
        try:
            await self.dispatcher.submit(event)
        except (SQLAlchemyError, OSError, sqlite3.Error) as error:
            if is_passing(error):
                self.met(error)
                return False
            log.error("event %s could not be handled", event.id, exc_info=error)
        return True


def is_passing(error: BaseException) -> bool:
    """Whether trying the same again later may help."""
    return may_pass(error) or (isinstance(error, OSError) and not isinstance(error, TimeoutError))
