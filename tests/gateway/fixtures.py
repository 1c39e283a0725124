"""Test: fixtures for everything that runs against a real Wechaty gateway process.

`conftest.py` of the tests imports `gateway_process`, `gateway` and `connect` from here.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.events import GatewayChanged
from bot.transports.wechaty.adapter import WechatyTransport
from bot.transports.wechaty.settings import WechatySettings
from tests.contract import Inbox
from tests.gateway.client import Gateway, GatewayProcess, missing

Connect = Callable[..., Awaitable["Session"]]


class Session:
    """A transport at work, and what it delivered."""

    def __init__(self, transport: WechatyTransport) -> None:
        self.transport, self.inbox = transport, Inbox()
        self._task = asyncio.create_task(transport.run(self.inbox.deliver))

    async def online(self) -> None:
        await self.inbox.wait(GatewayChanged, lambda event: event.up)

    async def close(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self.transport.close()


@pytest.fixture(scope="module")
def gateway_process(request: pytest.FixtureRequest) -> Iterator[GatewayProcess]:
    """One gateway per module; a module asks for more with `GATEWAY_OPTIONS = ("--tls",)`."""
    need_gateway()
    process = GatewayProcess(*getattr(request.module, "GATEWAY_OPTIONS", ()))
    process.start()
    yield process
    process.kill()


def need_gateway() -> None:
    """Skip without node or the npm packages; in CI fail instead."""
    if reason := missing():
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture
async def gateway(gateway_process: GatewayProcess) -> AsyncIterator[Gateway]:
    """The gateway as new."""
    async with Gateway(gateway_process) as gateway:
        await gateway.reset()
        yield gateway


def settings_for(gateway: Gateway, **changes: Any) -> WechatySettings:
    """Settings that lose no time."""
    quick = {
        "endpoint": gateway.endpoint,
        "token": gateway.token,
        "tls": False,
        "start_grace": "400ms",
        "backoff_first": "40ms",
        "backoff_longest": "200ms",
        "lookups_per_second": 1000,
    }
    return WechatySettings.model_validate(quick | changes)


@pytest.fixture
async def connect(gateway: Gateway, tmp_path: Path) -> AsyncIterator[Connect]:
    """`session = await connect(call_timeout="1s")`: a transport at this gateway, logged in unless `online=False`."""
    sessions: list[Session] = []

    async def start(*, online: bool = True, folder: str = "media", **changes: Any) -> Session:
        settings = settings_for(gateway, **changes)
        session = Session(WechatyTransport(settings, lambda: datetime.now(UTC), tmp_path / folder))
        sessions.append(session)
        if online:
            await session.online()
        return session

    yield start
    for session in sessions:
        await session.close()
