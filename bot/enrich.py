"""Engine room: what takes time to see (codes and text in a picture) is looked at before the transaction, bounded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.events import Event, MessageReceived
from bot.model import Kind, Signal
from bot.picture import PictureError, see
from bot.reader import NotRead, Reader, can_read

log = logging.getLogger(__name__)

TIME_LIMIT = 5.0
"""Seconds for the codes of one picture, waiting for a free thread included."""
AT_ONCE = 2

Forward = Callable[[Event], Awaitable[None]]


@dataclass(slots=True)
class Enricher:
    """Passes events on in each group's order; a picture holds up only its own group, for a limited time."""

    forward: Forward
    reader: Reader | None = field(default_factory=lambda: Reader() if can_read() else None)
    _last: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _threads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _looking: set[asyncio.Task[tuple[Signal, ...]]] = field(default_factory=set)
    """Threads at work, also those nobody waits for any more: they count until they are done."""

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
        path = Path(event.media.path)
        try:
            async with asyncio.timeout(TIME_LIMIT):
                found = await asyncio.shield(self._look_at(path))
        except TimeoutError:
            return replace(event, enrichment_failed="took too long")
        except PictureError as error:
            return replace(event, enrichment_failed=str(error))
        seen = replace(event, findings=(*event.findings, *found))
        return seen if self.reader is None else await self._read(seen, path, self.reader)

    def _look_at(self, path: Path) -> asyncio.Task[tuple[Signal, ...]]:
        async def look() -> tuple[Signal, ...]:
            async with self._threads:
                return await asyncio.to_thread(see, path)

        task = asyncio.create_task(look(), name="look at a picture")
        self._looking.add(task)
        task.add_done_callback(self._looked)
        return task

    def _looked(self, task: asyncio.Task[tuple[Signal, ...]]) -> None:
        self._looking.discard(task)
        if not task.cancelled():
            # Asked for here, so that one that nobody waits for does not complain.
            task.exception()

    async def _read(self, event: MessageReceived, path: Path, reader: Reader) -> MessageReceived:
        """With the text in the picture; marked when it could not be read."""
        try:
            text = await reader.read(path)
        except NotRead as error:
            return replace(event, enrichment_failed=f"text: {error}")
        return replace(event, findings=(*event.findings, Signal("picture_text", text, 0.5))) if text else event

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
        await self._close()

    async def stop(self) -> None:
        """Let go of everything at once."""
        waiting = list(self._tasks)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await self._close()

    async def _close(self) -> None:
        if self.reader is not None:
            await self.reader.close()


def _worth_a_look(event: Event) -> bool:
    return isinstance(event, MessageReceived) and event.kind is Kind.IMAGE and bool(event.media and event.media.path)
