"""Engine room: a limit of time for one short piece of work after the other, in one task."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import TracebackType


@dataclass(slots=True)
class Limit:
    """As `asyncio.timeout`, but one timer serves thousands: it is set anew only when it rings, or rings too late.

    A timer of its own costs each event more than its look at the roster, and lies about for its ten seconds.
    """

    _task: asyncio.Task[object] | None = None
    """Whose work is limited now."""
    _cancelling: int = 0
    _until: float = 0.0
    _timer: asyncio.TimerHandle | None = None
    _is_over: bool = False

    def __call__(self, seconds: float) -> Limit:
        """`with limit(10):` raises TimeoutError when what is inside takes longer; not to be nested."""
        loop = asyncio.get_running_loop()
        self._task = asyncio.current_task(loop)
        assert self._task is not None
        self._cancelling = self._task.cancelling()
        self._until = loop.time() + seconds
        if self._timer is None or self._timer.when() > self._until:
            self._ring_at(self._until)
        return self

    def __enter__(self) -> None:
        """It counts from the call."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        if not self._is_over or task is None:
            return
        self._is_over = False
        if task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _ring_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(when, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._task is None or self._is_over:
            return
        if self._until > asyncio.get_running_loop().time():
            self._ring_at(self._until)
            return
        self._is_over = True
        self._task.cancel()
