"""Transport: keeps order while looking things up: one queue in, a lane per group, one event after another out.

An event names only its message; which group it is in takes a look-up. So there are two stages: *look*, many at
once but taken over in the order of arrival, says the lane; *finish*, started at once, fetches what else is
needed, and its events are delivered when everything before it in the lane has been. A slow picture holds up
its own group only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence

from bot.events import Event
from bot.transport import Deliver

Finish = Callable[[], Awaitable[Sequence[Event]]]
Look = Callable[[], Coroutine[None, None, tuple[str | None, Finish] | None]]
IN_FLIGHT = 32
WAITING = 1_000


class Lanes:
    """`submit` work in the order of arrival; runs inside the given task group, which gets its errors."""

    def __init__(self, deliver: Deliver, tasks: asyncio.TaskGroup) -> None:
        self._deliver, self._tasks = deliver, tasks
        self._places, self._looking = asyncio.Semaphore(WAITING), asyncio.Semaphore(IN_FLIGHT)
        self._queue: asyncio.Queue[asyncio.Task[tuple[str | None, Finish] | None]] = asyncio.Queue()
        self._tails: dict[str, asyncio.Event] = {}
        self._barrier = asyncio.Event()
        self._barrier.set()

    async def submit(self, look: Look, *, at_once: bool = False) -> None:
        """Waits while `WAITING` pieces of work are under way, so that a slow bot slows the gateway down.

        look: gives the lane (a group, "" for private chats, None for all of them together) and the second stage;
        or None when there is nothing to deliver.
        at_once: the look needs no place among `IN_FLIGHT` (others that have one may be waiting for it).
        """
        await self._places.acquire()
        coroutine = look() if at_once else self._look(look)
        self._queue.put_nowait(self._tasks.create_task(coroutine))

    async def _look(self, look: Look) -> tuple[str | None, Finish] | None:
        async with self._looking:
            return await look()

    async def run(self) -> None:
        """Hand the looked-up work to its lanes, until cancelled."""
        while True:
            found = await (await self._queue.get())
            if found is None:
                self._places.release()
                continue
            lane, finish = found
            before, done = self._join(lane)
            self._tasks.create_task(self._finish(lane, finish, before, done))

    def _join(self, lane: str | None) -> tuple[list[asyncio.Event], asyncio.Event]:
        done = asyncio.Event()
        if lane is None:
            before = [self._barrier, *self._tails.values()]
            self._tails.clear()
            self._barrier = done
        else:
            before = [self._tails.get(lane, self._barrier)]
            self._tails[lane] = done
        return before, done

    async def _finish(self, lane: str | None, finish: Finish, before: list[asyncio.Event], done: asyncio.Event) -> None:
        events = await finish()
        for each in before:
            await each.wait()
        for event in events:
            await self._deliver(event)
        done.set()
        self._places.release()
        if lane is not None and self._tails.get(lane) is done:
            del self._tails[lane]
