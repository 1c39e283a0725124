"""Engine room: text in pictures, read by a process of its own, which is asked over a pipe and may be killed.

The reading itself is the optional extra `ocr`; without it there is no reader and pictures have no text. Another
program can stand in its place: it gets a line `{"path": …}` and answers a line `{"text": …}` or `{"error": …}`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

QUEUE = 4
"""Pictures that may wait for the reader; one more is passed on unread."""
PATIENCE = 8.0
"""Seconds for one picture, waiting included. A reader that takes longer is killed and started anew."""
LONGEST = 64 * 1024
EXTRA = "rapidocr"
COMMAND = (sys.executable, "-m", "bot.reading")


class NotRead(Exception):
    """The text of a picture is not known; the message says why."""


def can_read() -> bool:
    """Whether the extra `ocr` is installed."""
    return find_spec(EXTRA) is not None


@dataclass(slots=True)
class Reader:
    """Reads one picture after the other; the process starts with the first and stays."""

    command: Sequence[str] = COMMAND
    patience: float = PATIENCE
    queue: int = QUEUE
    _waiting: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _process: Process | None = None

    async def read(self, path: Path) -> str:
        """The text in a picture, "" when there is none. Raises NotRead."""
        if self._waiting >= self.queue:
            raise NotRead("too many pictures wait for the reader")
        self._waiting += 1
        try:
            async with asyncio.timeout(self.patience), self._turn:
                return await self._ask(path)
        except TimeoutError:
            raise NotRead("reading took too long") from None
        finally:
            self._waiting -= 1

    async def _ask(self, path: Path) -> str:
        """One question and its answer; whatever goes wrong between them ends the process."""
        answered = False
        try:
            process = await self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps({"path": str(path)}).encode() + b"\n")
            await process.stdin.drain()
            answer = json.loads(await process.stdout.readuntil(b"\n"))
            answered = isinstance(answer, dict)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise NotRead(f"the reader failed: {type(error).__name__}") from error
        finally:
            if not answered:
                self._kill()
        if not answered or "text" not in answer:
            raise NotRead(str(answer.get("error", "the reader failed"))[:200] if answered else "the reader failed")
        return str(answer["text"])

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *self.command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=LONGEST
            )
        return self._process

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        self._process = None

    async def close(self) -> None:
        """End the process."""
        process = self._process
        self._kill()
        if process is not None:
            await process.wait()
