"""Transport: the sandbox as the engine sees it: it performs what the bot decides, in the imaginary world."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path

from bot.actions import Action
from bot.clock import Clock, SandboxClock
from bot.errors import Refused, Unavailable
from bot.events import GatewayChanged
from bot.model import Capability, Member, Role
from bot.transport import Deliver, Health, Receipt
from bot.transports.sandbox.deeds import do
from bot.transports.sandbox.defaults import BOT_NAME
from bot.transports.sandbox.stage import Stage
from bot.transports.sandbox.things import BOT, NotPossible
from bot.transports.sandbox.world import World

ROSTER_EVERY = 300.0
"""Seconds between two looks at the member lists when nothing happens."""


class SandboxTransport:
    """An imaginary WeChat. `stage` is where the page lets people act.

    path: the world's own file (":memory:" for none); pictures lie in the folder `media` (made when needed).
    A clock of the sandbox that was pushed ahead before a restart is pushed ahead again.
    Raises StorageError when the file cannot be used.
    """

    name = "sandbox"

    def __init__(self, path: Path | str, clock: Clock, media: Path | None = None) -> None:
        self.world = World(path, clock)
        self.stage = Stage(self.world)
        self.media = media or Path(path).parent / "sandbox_media"
        self._closed = False

    @property
    def account(self) -> Member:
        return Member(BOT, BOT_NAME, Role.ADMIN)

    def capabilities(self, group: str = "") -> frozenset[Capability]:
        return self.stage.capabilities(group)

    def health(self) -> Health:
        online = self.stage.online and not self._closed
        return Health(connected=online, logged_in=online, detail="" if online else "沙盒里按了掉线")

    async def run(self, deliver: Deliver) -> None:
        world = self.world
        self._closed = False
        if world.journal.has_begun:
            world.journal.write("bot restarts")
        self.stage.emit(GatewayChanged(id=world.new_id("up"), at=world.now(), up=True))
        self.stage.emit_rosters()
        while True:
            try:
                # not wait_for: before Python 3.12 it swallows a cancellation that meets an arriving event
                async with asyncio.timeout(ROSTER_EVERY):
                    event = await self.stage.events.get()
            except TimeoutError:
                self.stage.emit_rosters()
                continue
            try:
                await deliver(event)
            finally:
                self.stage.events.task_done()

    async def perform(self, action: Action) -> Receipt:
        if not self.health().connected:
            raise Unavailable("沙盒：机器人掉线了 (offline)")
        try:
            return do(self.stage, action, self.media)
        except NotPossible as error:
            raise Refused(str(error)) from error

    async def is_member(self, group: str, member: str) -> bool | None:
        if not self.stage.online or group not in self.world.groups:
            return None
        return member in self.world.groups[group].seats

    async def announcement(self, group: str) -> str | None:
        known = self.world.groups.get(group)
        return known.announcement if known is not None and self.stage.online else None

    async def close(self) -> None:
        """May be opened again with `run`, as after a reset."""
        self._closed = True
        self.world.keep_time()

    def reset(self) -> None:
        """Begin again: the world as delivered, no pictures, nothing waiting to be heard."""
        while not self.stage.events.empty():
            self.stage.events.get_nowait()
            self.stage.events.task_done()
        self.stage.online = True
        if isinstance(self.world.clock, SandboxClock):
            self.world.clock.offset = timedelta(0)
        shutil.rmtree(self.media, ignore_errors=True)
        self.world.reset()
