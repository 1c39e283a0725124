"""Engine room: errands: what plugins ask for that takes time, done beside the event; the outcome is a new event."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.actions import Ask, BackUp, Compute, Errand, Fetch
from bot.assistant import Assistant, NoAnswer
from bot.clock import Clock
from bot.download import Answer, NotAllowed, Web
from bot.errors import StorageError
from bot.events import ErrandDone, Event
from bot.nightly import Nightly

log = logging.getLogger(__name__)

AT_ONCE = 8
COMPUTE_LIMIT = 30.0
"""Seconds for a computation, waiting for its turn included; its thread cannot be stopped, only given up."""
CACHED, CACHE_BYTES = 300, 16 << 20
PICTURE_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an errand ended; becomes an `ErrandDone`."""

    error: str = ""
    text: str = ""
    path: str = ""
    status: int = 0
    age: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer kept for when it is asked again or the far side fails."""

    answer: Answer
    at: datetime


@dataclass(slots=True)
class Errands:
    """Runs errands once the event that asked for them is on disk."""

    clock: Clock
    web: Web
    assistant: Assistant
    folder: Path
    submit: Callable[[Event], Any]
    computations: Mapping[tuple[str, str], Callable[[str], str | bytes]]
    nightly: Nightly | None = None
    counts: dict[str, int] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _cache: OrderedDict[tuple[str, str, tuple[tuple[str, str], ...]], Kept] = field(default_factory=OrderedDict)
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _bench: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def send(self, event_id: str, wanted: Sequence[tuple[str, Errand]]) -> None:
        """Begin each (plugin, errand) of one event; returns at once."""
        for number, (plugin, errand) in enumerate(wanted):
            task = asyncio.get_running_loop().create_task(self._run(f"errand:{event_id}:{number}", plugin, errand))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @property
    def under_way(self) -> int:
        return len(self._tasks)

    async def idle(self) -> None:
        """Until every errand under way has ended and what follows is on disk."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Give up whatever is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.web.close()
        await self.assistant.web.close()

    async def _run(self, event_id: str, plugin: str, errand: Errand) -> None:
        async with self._places:
            outcome = await self._do(plugin, errand)
        kind = type(errand).__name__.lower()
        key = f"{kind}_failed" if outcome.error else kind
        self.counts[key] = self.counts.get(key, 0) + 1
        if outcome.error:
            log.warning("%s %s of plugin %s: %s", kind, errand.name, plugin, outcome.error)
        await self.submit(
            ErrandDone(
                id=event_id,
                at=self.clock.now(),
                group=errand.group,
                plugin=plugin,
                name=errand.name,
                payload=dict(errand.payload),
                error=outcome.error,
                text=outcome.text,
                path=outcome.path,
                status=outcome.status,
                age=outcome.age,
                asked=errand.asked,
            )
        )

    async def _do(self, plugin: str, errand: Errand) -> Outcome:
        work: Coroutine[Any, Any, Outcome]
        if isinstance(errand, Fetch):
            work = self._fetch(errand)
        elif isinstance(errand, Ask):
            work = self._ask(errand)
        elif isinstance(errand, BackUp):
            work = self._back_up()
        else:
            assert isinstance(errand, Compute)
            work = self._compute(plugin, errand)
        return await work

    # ---- the web

    async def _fetch(self, errand: Fetch) -> Outcome:
        key = (errand.url, errand.body, errand.headers)
        kept, now = self._cache.get(key), self.clock.now()
        if kept is not None and now - kept.at <= timedelta(seconds=errand.fresh):
            return Outcome(text=kept.answer.text, status=kept.answer.status)
        place = f"{urlsplit(errand.url).hostname or ''}{urlsplit(errand.url).path}"[:80] if "//" in errand.url else ""
        try:
            answer = await self.web.ask(errand.url, body=errand.body, headers=self._conditional(errand, kept))
        except TimeoutError:
            return self._fallen_back(kept, f"{place} 超时 (timed out)")
        except (NotAllowed, OSError) as error:
            return self._fallen_back(kept, f"{place} {error}")
        if answer.status == 304 and kept is not None:
            answer = kept.answer
        elif not 200 <= answer.status < 300:
            return self._fallen_back(kept, f"{place} HTTP {answer.status}", answer.status)
        self._keep(key, Kept(answer, now))
        return Outcome(text=answer.text, status=answer.status)

    def _conditional(self, errand: Fetch, kept: Kept | None) -> dict[str, str]:
        headers = dict(errand.headers)
        if kept is not None and not errand.body:
            if tag := kept.answer.headers.get("etag"):
                headers["If-None-Match"] = tag
            if changed := kept.answer.headers.get("last-modified"):
                headers["If-Modified-Since"] = changed
        return headers

    def _fallen_back(self, kept: Kept | None, error: str, status: int = 0) -> Outcome:
        if kept is None:
            return Outcome(error=error, status=status)
        age = self.clock.now() - kept.at
        log.warning("fetch: %s; the answer of %s ago is taken", error, age)
        return Outcome(text=kept.answer.text, status=kept.answer.status, age=max(age, timedelta(seconds=1)))

    def _keep(self, key: tuple[str, str, tuple[tuple[str, str], ...]], kept: Kept) -> None:
        self._cache[key] = kept
        self._cache.move_to_end(key)
        size = sum(len(one.answer.content) for one in self._cache.values())
        while self._cache and (len(self._cache) > CACHED or size > CACHE_BYTES):
            _, oldest = self._cache.popitem(last=False)
            size -= len(oldest.answer.content)

    # ---- the database

    async def _back_up(self) -> Outcome:
        if self.nightly is None:
            return Outcome(error="没有可以备份的数据库 (nothing to back up)")
        try:
            made = await self.nightly.make(self.clock.now())
        except StorageError as error:
            return Outcome(error=str(error))
        return Outcome(text=f"{made.name} {made.stat().st_size}")

    # ---- the model, and computing

    async def _ask(self, errand: Ask) -> Outcome:
        try:
            return Outcome(text=await self.assistant.answer(errand))
        except NoAnswer as reason:
            return Outcome(error=str(reason))

    async def _compute(self, plugin: str, errand: Compute) -> Outcome:
        function = self.computations.get((plugin, errand.name))
        if function is None:
            return Outcome(error=f"no computation {errand.name}")
        try:
            async with asyncio.timeout(COMPUTE_LIMIT), self._bench:
                made = await asyncio.to_thread(function, errand.argument)
                if isinstance(made, str):
                    return Outcome(text=made)
                return Outcome(path=str(await asyncio.to_thread(self._put_down, made)))
        except TimeoutError:
            return Outcome(error="took too long")
        except OSError as error:
            return Outcome(error=f"the picture cannot be kept: {error}")
        except Exception as error:
            # A part of the plugin, like any handler of it.
            if not isinstance(error, ValueError):
                log.error("computation %s of plugin %s failed", errand.name, plugin, exc_info=error)
            return Outcome(error=str(error) or type(error).__name__)

    def _put_down(self, content: bytes) -> Path:
        """A picture's file; files that nobody can still be waiting for go."""
        self.folder.mkdir(parents=True, exist_ok=True)
        oldest = self.clock.now() - PICTURE_KEPT
        for path in self.folder.glob("*.png"):
            if path.stat().st_mtime < oldest.timestamp():
                path.unlink(missing_ok=True)
        path = self.folder / f"{hashlib.sha256(content).hexdigest()[:24]}.png"
        path.write_bytes(content)
        return path
