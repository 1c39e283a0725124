"""Test: the engine's tests: one that waits for ever fails after half a minute; a writer on a fresh file or server."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import FrameType

import pytest

from bot.storage.writer import Writer
from tests import stores

LONGEST = 30


@pytest.fixture(autouse=True)
def no_hanging() -> Iterator[None]:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"the test has run for {LONGEST} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(LONGEST)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
async def writer(tmp_path: Path, both: object) -> AsyncIterator[Writer]:
    await stores.make_migrated(tmp_path / "some.db")
    writer = stores.writer_at(tmp_path / "some.db")
    await writer.start()
    yield writer
    await writer.stop()
