"""Bench: groups and members with the usual talk, and a far side that takes no time."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from bot.actions import Action
from bot.app import App
from bot.bench.talk import RARE, TALK, said
from bot.build import build_app
from bot.clock import Clock, SystemClock
from bot.events import MessageReceived, RosterSeen
from bot.loader import find_plugins
from bot.model import Capability, Member, Role
from bot.settings import PLAYGROUND, load_settings
from bot.shipped import shipped
from bot.storage.server import Server
from bot.transport import Deliver, Health, Receipt

GROUPS, MEMBERS = 20, 500


class Nowhere:
    """A transport without a far side: everything succeeds at once."""

    name = "nowhere"
    account = Member("bot", "群管家", Role.ADMIN)

    def capabilities(self, group: str = "") -> frozenset[Capability]:
        return frozenset(Capability)

    def health(self) -> Health:
        return Health(connected=True, logged_in=True)

    async def run(self, deliver: Deliver) -> None:
        await asyncio.Event().wait()

    async def perform(self, action: Action) -> Receipt:
        return Receipt("sent")

    async def is_member(self, group: str, member: str) -> bool | None:
        return False

    async def announcement(self, group: str) -> str | None:
        return None

    async def close(self) -> None:
        return None


def member(group: int, number: int) -> Member:
    return Member(f"wxid_{group:02}{number:03}", f"群友{number}")


def messages(
    count: int, now: datetime, *, seed: int = 1, rare: float = 0.02, prefix: str = "m"
) -> Iterator[MessageReceived]:
    """`count` messages over all groups; `rare` of them are commands, ads and introductions."""
    random = Random(seed)  # noqa: S311  the same talk in every run
    for number in range(count):
        group = number % GROUPS
        text = random.choice(RARE) if random.random() < rare else said(random, random.choice(TALK))
        sender = member(group, random.randrange(MEMBERS))
        yield MessageReceived(id=f"msg:{prefix}{number}", at=now, group=f"g{group}", sender=sender, text=text)


@asynccontextmanager
async def running(database: Path, clock: Clock | None = None, server: Server | None = None) -> AsyncIterator[App]:
    """A bot with every plugin on this file or server, its groups known and its members listed."""
    plugins = find_plugins()
    settings = load_settings(shipped("config"), plugins, env={}, presets=PLAYGROUND)
    app = await build_app(
        settings,
        transport=Nowhere(),
        clock=clock or SystemClock(),
        database=database,
        plugins=plugins,
        seed="bench",
        server=server,
    )
    await app.start()
    try:
        for group in range(GROUPS):
            everybody = tuple(member(group, number) for number in range(MEMBERS))
            now = datetime.now(UTC)
            await app.handle(
                RosterSeen(
                    id=f"roster:{group}:{now}", at=now, group=f"g{group}", members=everybody, topic=f"读书群 {group}"
                )
            )
        # As the living bot does.
        gc.collect()
        gc.freeze()
        yield app
    finally:
        gc.unfreeze()
        await app.stop()
