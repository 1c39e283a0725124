"""Test: a whole sandbox in one process: the real app and plugins, on a clock that only tests move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.app import App
from bot.board import AppBoard
from bot.build import build_app
from bot.cli.company import Company
from bot.clock import ManualClock
from bot.desk import Desk
from bot.loader import find_plugins
from bot.settings import PLAYGROUND, load_settings
from bot.shipped import shipped
from bot.transports.sandbox import SandboxTransport
from bot.transports.sandbox.stage import Stage
from bot.transports.transcript.expect import compare
from bot.transports.transcript.log import Acted
from bot.web.app import make_web
from bot.web.sandbox import PLAYER
from tests import stores

MORNING = datetime(2026, 1, 5, 1, 0, 30, tzinfo=UTC)
"""09:00:30 on a Monday in Shanghai."""
G = "g1"


@dataclass(repr=False)
class Sandbox:
    app: App
    transport: SandboxTransport
    board: AppBoard
    client: TestClient[web.Request, web.Application]
    clock: ManualClock

    @property
    def stage(self) -> Stage:
        return self.transport.stage

    async def post(self, path: str, **form: str) -> str:
        """What the page does; returns the sentence it would show, empty for none."""
        answer = await self.client.post(f"/sandbox/{path}", data={"chat": G, **form})
        assert answer.status in (200, 204), (answer.status, await answer.text())
        await self.settle()
        return await answer.text()

    async def settle(self) -> None:
        await self.stage.heard()
        await self.board.advance(self.board.now())

    async def get(self, path: str) -> str:
        answer = await self.client.get(path)
        assert answer.status == 200, (answer.status, await answer.text())
        return await answer.text()

    def said(self, chat: str = G) -> list[str]:
        """Everything that stands in the chat, `name: text`."""
        return [f"{post.name}: {post.text}" for post in self.transport.world.posts if post.chat == chat]

    async def scene(self, key: str) -> None:
        """Start a one-click scene and wait for its end."""
        assert await self.post("scene", scene=key) == ""
        await self.until(lambda: not self.player_is_busy)

    @property
    def player_is_busy(self) -> bool:
        return bool(self.client.app[PLAYER].running)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for a change of the world that makes it so."""
        changed = asyncio.Event()
        leave = self.transport.world.subscribe(changed.set)
        try:
            async with asyncio.timeout(20):
                while not holds():
                    changed.clear()
                    await changed.wait()
        finally:
            leave()


@asynccontextmanager
async def open_sandbox(folder: Path, clock: ManualClock | None = None) -> AsyncIterator[Sandbox]:
    """The same folder again is the same sandbox after a restart."""
    clock = clock or ManualClock(MORNING)
    plugins = find_plugins()
    transport = SandboxTransport(folder / "world.db", clock, folder / "media")
    # Migrating takes most of a second, and is proven elsewhere.
    server = await stores.make_migrated(folder / "sandbox.db")
    app = await build_app(
        load_settings(shipped("config"), plugins, env={}, presets=PLAYGROUND),
        transport=transport,
        clock=clock,
        database=folder / "sandbox.db",
        plugins=plugins,
        seed="test",
        server=server,
    )
    app.drain = transport.stage.events.join
    board = AppBoard(app)
    await app.start()
    living = asyncio.create_task(app.run())
    client = TestClient(TestServer(make_web(board, transport, pace=0, house=Desk(board))))
    await client.start_server()
    try:
        sandbox = Sandbox(app, transport, board, client, clock)
        await sandbox.settle()
        yield sandbox
    finally:
        await client.close()
        living.cancel()
        with suppress(asyncio.CancelledError):
            await living
        await app.stop()
        transport.world.close()


async def replay(script: str, folder: Path) -> tuple[list[str], list[Acted]]:
    """Play an exported script with the real player: what differs (one sentence each), and what the bot did."""
    file = folder / "exported.chat"
    file.write_text(script, encoding="utf-8")
    done = await Company(shipped("config"), find_plugins()).play(str(file))
    outcome = compare(done)
    differs = [f"missing: {moment.line.source}" for moment in outcome.missing]
    return differs + [f"extra: {acted.at:%H:%M:%S} {acted.action}" for acted in outcome.extra], done.acted
