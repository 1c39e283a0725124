"""Transport: a bounded memory of what the gateway was asked, with expiry, invalidation and shared look-ups."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(slots=True)
class _Entry(Generic[V]):
    value: V
    fresh_until: float
    tag: str
    epoch: int


class Cache(Generic[K, V]):
    """At most `size` values, least recently used first out; fresh for `ttl` seconds.

    Who asks for the same key while it is being looked up waits for that look-up instead of making another.
    A tag (a group) can be invalidated as a whole in constant time.
    """

    def __init__(self, size: int, ttl: float, now: Callable[[], float] = time.monotonic) -> None:
        self._size, self._ttl, self._now = size, ttl, now
        self._entries: OrderedDict[K, _Entry[V]] = OrderedDict()
        self._pending: dict[K, tuple[int, asyncio.Task[V]]] = {}
        self._epochs: dict[str, int] = {}

    async def get(self, key: K, look_up: Callable[[], Awaitable[V]], tag: str = "") -> V:
        """The fresh value, looked up when there is none. Raises what the look-up raises."""
        entry = self._entries.get(key)
        if entry is not None and self._is_fresh(entry):
            self._entries.move_to_end(key)
            return entry.value
        epoch = self._epochs.get(tag, 0)
        began, task = self._pending.get(key, (epoch, None))
        if task is None or began != epoch:
            task = asyncio.ensure_future(self._look_up(key, look_up, tag, epoch))
            task.add_done_callback(_mark_seen)
            self._pending[key] = epoch, task
        return await asyncio.shield(task)

    async def _look_up(self, key: K, look_up: Callable[[], Awaitable[V]], tag: str, epoch: int) -> V:
        mine = asyncio.current_task()
        try:
            value = await look_up()
            # invalidated meanwhile: the answer serves who asked before, but is not kept
            if self._is_pending(key, mine) and self._epochs.get(tag, 0) == epoch:
                self.put(key, value, tag=tag)
            return value
        finally:
            if self._is_pending(key, mine):
                del self._pending[key]

    def _is_pending(self, key: K, task: asyncio.Task[object] | None) -> bool:
        return key in self._pending and self._pending[key][1] is task

    def peek(self, key: K) -> V | None:
        """The last known value, however old."""
        entry = self._entries.get(key)
        return None if entry is None else entry.value

    def put(self, key: K, value: V, *, ttl: float | None = None, tag: str = "") -> None:
        fresh_until = self._now() + (self._ttl if ttl is None else ttl)
        self._entries[key] = _Entry(value, fresh_until, tag, self._epochs.get(tag, 0))
        self._entries.move_to_end(key)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def invalidate(self, key: K) -> None:
        """The next `get` asks again; `peek` still answers."""
        self._pending.pop(key, None)
        entry = self._entries.get(key)
        if entry is not None:
            entry.fresh_until = float("-inf")

    def invalidate_tag(self, tag: str) -> None:
        self._epochs[tag] = self._epochs.get(tag, 0) + 1

    def clear(self) -> None:
        self._entries.clear()
        self._pending.clear()
        self._epochs.clear()

    def keys(self) -> list[K]:
        return list(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def _is_fresh(self, entry: _Entry[V]) -> bool:
        return self._now() < entry.fresh_until and entry.epoch == self._epochs.get(entry.tag, 0)


def _mark_seen(task: asyncio.Task[V]) -> None:
    """Every caller gets the exception through its own shield; unasked, asyncio would complain of it."""
    if not task.cancelled():
        task.exception()
