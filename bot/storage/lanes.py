"""Storage: units that wait to be written, a lane for each group: whoever floods one lane waits there alone."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Lanes(Generic[T]):
    """First in, first out within a lane; the lanes take turns, one unit each."""

    __slots__ = ("_arrived", "_finished", "_lanes", "_unfinished", "waiting")

    def __init__(self) -> None:
        self.waiting = 0
        self._lanes: OrderedDict[str, deque[T]] = OrderedDict()
        self._arrived = asyncio.Event()
        self._unfinished = 0
        self._finished = asyncio.Event()
        self._finished.set()

    def put(self, lane: str, unit: T) -> None:
        queue = self._lanes.get(lane)
        if queue is None:
            self._lanes[lane] = deque((unit,))
        else:
            queue.append(unit)
        self.waiting += 1
        self._unfinished += 1
        self._arrived.set()
        self._finished.clear()

    async def wait(self) -> None:
        """Until a unit waits."""
        await self._arrived.wait()

    @property
    def lanes(self) -> int:
        """How many lanes have something waiting."""
        return len(self._lanes)

    def take(self, most: int) -> list[T]:
        """Up to so many units, the lanes in turn; none when nothing waits."""
        taken: list[T] = []
        while self._lanes and len(taken) < most:
            lane, queue = self._lanes.popitem(last=False)
            taken.append(queue.popleft())
            if queue:
                self._lanes[lane] = queue
        self.waiting -= len(taken)
        if not self.waiting:
            self._arrived.clear()
        return taken

    def put_back(self, lane: str, unit: T) -> None:
        """One that was taken and not done, before everything that waits; of several the last one first."""
        self._lanes.setdefault(lane, deque()).appendleft(unit)
        self._lanes.move_to_end(lane, last=False)
        self.waiting += 1
        self._arrived.set()

    def done(self, units: int) -> None:
        """So many of those taken are dealt with."""
        self._unfinished -= units
        if not self._unfinished:
            self._finished.set()

    async def join(self) -> None:
        """Until every unit that was put in is dealt with."""
        await self._finished.wait()

    def drain(self) -> Iterator[T]:
        """Everything that waits, for whoever must be told that it will not be done."""
        while units := self.take(256):
            self.done(len(units))
            yield from units
