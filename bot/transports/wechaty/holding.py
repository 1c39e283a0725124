"""Transport: remembers over restarts that the gateway's event stream was ours.

After a crash, or a cut the gateway did not notice, it may still believe in our dead stream. Whoever held it last
may take it over; a bot that never did leaves it to the one that does. So two bots at one gateway keep the peace.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path


class Holding:
    """A note in a file; where it cannot be written, it is remembered for this run only."""

    def __init__(self, path: Path, endpoint: str, held: bool | None = None) -> None:
        """held: whether it is ours, where somebody knows better than the file."""
        self._path, self._endpoint = path, endpoint
        self._held = held

    async def is_ours(self) -> bool:
        if self._held is None:
            self._held = await asyncio.to_thread(self._read)
        return self._held

    async def take(self) -> None:
        """The stream is ours now."""
        self._held = True
        await asyncio.to_thread(self._write)

    async def drop(self) -> None:
        """The gateway ended it or gave it to somebody else."""
        self._held = False
        with suppress(OSError):
            await asyncio.to_thread(self._path.unlink, missing_ok=True)

    def _read(self) -> bool:
        try:
            return self._path.read_text("utf-8") == self._endpoint
        except (OSError, ValueError):
            return False

    def _write(self) -> None:
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(self._endpoint, "utf-8")
