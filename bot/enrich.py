"""Engine room: what takes time to see (a QR code in a picture) is looked at before the transaction, bounded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.events import Event, MessageReceived
from bot.model import Kind
from bot.picture import PictureError, qr_codes

log = logging.getLogger(__name__)

TIME_LIMIT = 5.0
"""Seconds for one picture, waiting for a free thread included."""
AT_ONCE = 2

Forward = Callable[[Event], Awaitable[None]]


@dataclass(slots=True)
class Enricher:
    """Passes events on in each group's order; a picture holds up only its own group, for a limited time."""

    forward: Forward
    _last: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _threads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def feed(self, event: Event) -> None:
        """Pass the event on now, or after those of its group that are still being looked at."""
        before = self._last.get(event.group)
        if before is None and not _worth_a_look(event):
            await self.forward(event)
            return
        task = asyncio.create_task(self._after(before, event), name="enrich")
        self._last[event.group] = task
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._done(event.group, done))

    async def look(self, event: Event) -> Event:
        """The event with its findings; unchanged but marked when there was no time or the file is bad."""
        if not _worth_a_look(event):
            return event
        assert isinstance(event, MessageReceived)
        assert event.media is not None
        try:
            async with asyncio.timeout(TIME_LIMIT), self._threads:
                found = await asyncio.to_thread(qr_codes, Path(event.media.path))
        except TimeoutError:
            return replace(event, enrichment_failed="took too long")
        except PictureError as error:
            return replace(event, enrichment_failed=str(error))
        return replace(event, findings=(*event.findings, *found))

    async def _after(self, before: asyncio.Task[None] | None, event: Event) -> None:
        try:
            seen = await self.look(event)
        except Exception as error:
            log.error("a picture could not be looked at", exc_info=error)
            assert isinstance(event, MessageReceived)
            seen = replace(event, enrichment_failed=type(error).__name__)
        if before is not None:
            await asyncio.wait([before])
        await self.forward(seen)

    def _done(self, group: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._last.get(group) is task:
            del self._last[group]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an event could not be passed on", exc_info=error)

    async def idle(self) -> None:
        """Until every picture taken in so far has been looked at and passed on."""
        while self._last:
            await asyncio.wait(list(self._last.values()))

    async def finish(self) -> None:
        """Wait until everything accepted has been passed on."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        """Let go of everything at once."""
        waiting = list(self._tasks)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def _worth_a_look(event: Event) -> bool:
    return isinstance(event, MessageReceived) and event.kind is Kind.IMAGE and bool(event.media and event.media.path)
