"""Web: server-sent events: one open answer per page, each ends when the server stops."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

log = logging.getLogger(__name__)

Unsubscribe = Callable[[], None]
Subscribe = Callable[[Callable[[], None]], Unsubscribe]

QUIET = 15.0
"""Seconds after which an idle stream says that it is alive."""
GATHER = 0.06
"""Seconds in which changes are gathered into one look."""
MOST_STREAMS = 50
_BREAK = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Message:
    """One event of a stream; `id` is handed back by the browser when it reconnects."""

    event: str
    data: str
    id: str = ""

    def encode(self) -> bytes:
        lines = [f"event: {self.event}"]
        if self.id:
            lines.append(f"id: {self.id}")
        lines += [f"data: {line}" for line in _BREAK.split(self.data)]
        return ("\n".join(lines) + "\n\n").encode()


class Streams:
    """All open streams. `end` closes them: aiohttp waits for open answers and would not stop by itself."""

    def __init__(self) -> None:
        self._ending = asyncio.Event()
        self._open = 0

    def end(self) -> None:
        self._ending.set()

    async def serve(
        self, request: web.Request, subscribe: Subscribe, look: Callable[[], Awaitable[list[Message]]]
    ) -> web.StreamResponse:
        """Send what `look` finds, now and after every change, until the page or the server goes away."""
        if self._open >= MOST_STREAMS:
            raise web.HTTPServiceUnavailable(text="打开的页面太多了 (too many open pages)\n")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        changed = asyncio.Event()
        changed.set()
        unsubscribe = subscribe(changed.set)
        self._open += 1
        try:
            await response.prepare(request)
            while not self._ending.is_set():
                if changed.is_set():
                    changed.clear()
                    for message in await look():
                        await response.write(message.encode())
                else:
                    await response.write(b": quiet\n\n")
                await self._wait(changed)
        except (ConnectionResetError, ConnectionAbortedError, BrokenPipeError):
            log.debug("a page was closed")
        finally:
            self._open -= 1
            unsubscribe()
        return response

    async def _wait(self, changed: asyncio.Event) -> None:
        waits = {asyncio.ensure_future(changed.wait()), asyncio.ensure_future(self._ending.wait())}
        try:
            await asyncio.wait(waits, timeout=QUIET, return_when=asyncio.FIRST_COMPLETED)
            if changed.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._ending.wait(), GATHER)
        finally:
            for wait in waits:
                wait.cancel()
