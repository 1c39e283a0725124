"""Engine room: errands: what plugins ask for that takes time, done beside the event; the outcome is a new event."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.actions import Ask, BackUp, Compute, Errand, Fetch
from bot.assistant import Assistant, NoAnswer
from bot.clock import Clock
from bot.download import Web
from bot.errors import StorageError
from bot.events import ErrandDone, Event
from bot.fetch import Fetcher, Outcome
from bot.nightly import Nightly

log = logging.getLogger(__name__)

AT_ONCE = 8
COMPUTE_LIMIT = 30.0
"""Seconds for a computation, waiting for its turn included; its thread cannot be stopped, only given up."""
PICTURE_KEPT = timedelta(days=7)


@dataclass(slots=True, repr=False)
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
    _fetcher: Fetcher = field(init=False)
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _bench: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def __post_init__(self) -> None:
        self._fetcher = Fetcher(self.clock, self.web)

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
                obstacle=outcome.obstacle,
            )
        )

    async def _do(self, plugin: str, errand: Errand) -> Outcome:
        work: Coroutine[Any, Any, Outcome]
        if isinstance(errand, Fetch):
            work = self._fetcher.fetch(errand)
        elif isinstance(errand, Ask):
            work = self._ask(errand)
        elif isinstance(errand, BackUp):
            work = self._back_up()
        else:
            assert isinstance(errand, Compute)
            work = self._compute(plugin, errand)
        return await work

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
