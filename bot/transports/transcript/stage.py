"""Transport: what a play asks of the application, which it neither knows nor builds itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.actions import Action
from bot.clock import ManualClock
from bot.events import Event
from bot.transports.transcript.transport import TranscriptTransport


class Bot(Protocol):
    """What a play needs of the application."""

    async def start(self) -> None: ...
    async def handle(self, event: Event) -> None:
        """Returns when the event's work is on disk."""

    async def settle(self) -> None:
        """Do everything that is due now."""

    async def next_at(self) -> datetime | None: ...
    async def advance(self, to: datetime) -> None:
        """Move the clock to `to` and do everything due on the way."""

    async def set_setting(self, group: str, key: str, value: object) -> None: ...
    async def stop(self) -> None: ...
    async def kill(self) -> None:
        """End as if the process had died."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What an application is built on. on_refused: told of each action that policy holds back."""

    transport: TranscriptTransport
    clock: ManualClock
    database: Path
    settings: Mapping[str, object]
    on_refused: Callable[[datetime, Action, str], None]


Build = Callable[[Stage], Awaitable[Bot]]
