"""Core: what time it is: real, set by hand, or the sandbox's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The bot's only source of time. `now` is aware UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is set; for scripts and tests."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        """Move to `now`; going back is ignored, time only goes forward."""
        self._now = max(self._now, now.astimezone(UTC))


class SandboxClock:
    """Real time plus an offset that can jump forward; stands still while a jump fires what is due."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.offset = offset
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        return self._frozen if self._frozen is not None else datetime.now(UTC) + self.offset

    def set(self, now: datetime) -> None:
        """Stand still at `now` (never before the present moment) until `flow`."""
        self._frozen = max(self.now(), now.astimezone(UTC))

    def flow(self) -> None:
        """Let time run on from where it stands."""
        if self._frozen is not None:
            self.offset = self._frozen - datetime.now(UTC)
            self._frozen = None
