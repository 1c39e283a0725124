"""Test: the far side of `.chat` scripts keeps the contract of all transports."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.actions import SendImage, SendText
from bot.clock import ManualClock
from bot.events import Event
from bot.model import Capability
from bot.transports.transcript.lines import (
    Can,
    Declare,
    Input,
    Joins,
    Leaves,
    Line,
    Recalls,
    Retopics,
    Says,
    SendsRedPacket,
)
from bot.transports.transcript.place import Place
from bot.transports.transcript.scene import Scene
from bot.transports.transcript.transport import Performed, TranscriptTransport
from bot.transports.transcript.world import Group, World
from tests.contract import CHECKS, Check, Contract, Inbox, Said, name_of

MANAGING = frozenset({Capability.REMOVE, Capability.ANNOUNCE, Capability.TOPIC})


class ScriptWorld:
    """Plays lines into the inbox, as the player does into the bot."""

    group, plain_group = "g1", "g2"
    boss, newcomer = "群主", "小陈"
    members = ("小李", "小王", "小赵")

    def __init__(self, inbox: Inbox, picture: Path) -> None:
        self.picture = picture
        self._inbox = inbox
        self._lines = itertools.count(1)
        self._last: Event | None = None
        self._said: asyncio.Queue[Performed] = asyncio.Queue()
        self._clock = ManualClock(datetime(2026, 1, 5, 1, tzinfo=UTC))
        declared = (Declare("g1", "一群", "群主", members=self.members), Declare("g2", "二群", members=self.members))
        self._world = World({group.id: Group.of(group) for group in declared})
        self._scene = Scene(self._world, picture.parent)
        self.transport = TranscriptTransport(self._world, self._clock, self._said.put_nowait)
        self.transport.allow(Can(frozenset(), MANAGING, "g2"))

    async def _play(self, fact: Input) -> str:
        line = Line(Place("x.chat", next(self._lines)), "", fact, group=self.group)
        can = self.transport.capabilities(self.group)
        for event in self._scene.play(line, fact, self._clock.now(), can):
            self._last = event
            await self._inbox.deliver(event)
        assert self._last is not None
        return self._last.id

    async def says(self, member: str, text: str, *, mention_bot: bool = False, private: bool = False) -> str:
        return await self._play(Says(member, text, private, mention_bot))

    async def repeats(self) -> None:
        assert self._last is not None
        await self._inbox.deliver(self._last)

    async def sends_red_packet(self, member: str) -> None:
        await self._play(SendsRedPacket(member))

    async def recalls(self, member: str, message: str) -> None:
        await self._play(Recalls(member))

    async def joins(self, member: str, inviter: str) -> None:
        await self._play(Joins((member,), inviter))

    async def leaves(self, member: str) -> None:
        await self._play(Leaves((member,)))

    async def renames_group(self, topic: str, by: str) -> None:
        await self._play(Retopics(by, topic))

    async def hears(self) -> Said:
        async with asyncio.timeout(5):
            while True:
                action = (await self._said.get()).action
                if isinstance(action, SendText):
                    return Said(action.text, tuple(member.id for member in action.mentions), action.to)
                if isinstance(action, SendImage):
                    return Said("", to=action.to, is_image=True)

    async def has_recalled(self, message: str) -> bool:
        said = self._world.message(message)
        return said is not None and said.recalled

    async def members_now(self) -> frozenset[str]:
        """Who was invited accepts."""
        group = self._world.groups[self.group]
        return frozenset(group.present) | group.invited

    async def announcement_now(self) -> str:
        return self._world.groups[self.group].announcement

    async def topic_now(self) -> str:
        return self._world.groups[self.group].topic

    async def goes_down(self) -> None:
        await self._switch(False)

    async def comes_back(self) -> None:
        await self._switch(True)

    async def _switch(self, up: bool) -> None:
        self._clock.set(self._clock.now() + timedelta(seconds=1))
        for event in self.transport.switch(up):
            await self._inbox.deliver(event)


@pytest.fixture
async def contract(tmp_path: Path) -> AsyncIterator[Contract]:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG")
    inbox = Inbox()
    world = ScriptWorld(inbox, picture)
    listening = asyncio.create_task(world.transport.run(inbox.deliver))
    yield Contract(world.transport, world, inbox)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
async def test_contract(check: Check, contract: Contract) -> None:
    await check(contract)
