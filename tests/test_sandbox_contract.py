"""Test: the sandbox keeps the contract of all transports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import ManualClock
from bot.events import MessageReceived
from bot.transports.sandbox import SandboxTransport, people, talk
from bot.transports.sandbox.things import BOT, PRIVATE, Post
from tests.contract import CHECKS, Check, Contract, Inbox, Said, name_of


class SandboxWorld:
    """The sandbox's own world as a far side: people act as they do through the page."""

    group, plain_group = "g1", "g2"
    boss, newcomer = "群主", "书虫"
    members = ("阿强", "小李", "老王")

    def __init__(self, transport: SandboxTransport, clock: ManualClock, picture: Path) -> None:
        self._stage, self._world, self.picture = transport.stage, transport.world, picture
        self._clock = clock
        self._heard: set[str] = set()

    async def says(self, member: str, text: str, *, mention_bot: bool = False, private: bool = False) -> str:
        chat = f"{PRIVATE}{member}" if private else self.group
        return talk.say(self._stage, chat, member, f"@群管家 {text}" if mention_bot else text).id

    async def repeats(self) -> None:
        last = self._world.posts[-1]
        sender = self._world.seat(self.group, last.sender).member
        self._stage.emit(MessageReceived(id=last.id, at=last.at, group=self.group, sender=sender, text=last.text))

    async def sends_red_packet(self, member: str) -> None:
        talk.send_red_packet(self._stage, self.group, member)

    async def recalls(self, member: str, message: str) -> None:
        talk.recall(self._stage, message)

    async def joins(self, member: str, inviter: str) -> None:
        people.join(self._stage, self.group, [member], inviter)

    async def leaves(self, member: str) -> None:
        people.leave(self._stage, self.group, member)

    async def renames_group(self, topic: str, by: str) -> None:
        people.set_topic(self._stage, self.group, by, topic)

    async def hears(self) -> Said:
        post = next(post for post in self._world.posts if post.sender == BOT and post.id not in self._heard)
        self._heard.add(post.id)
        mentions = tuple(seat.person for seat in self._world.group(self.group).people() if f"@{seat.name}" in post.text)
        to = post.chat.removeprefix(PRIVATE) if post.chat.startswith(PRIVATE) else ""
        return Said(post.text, mentions, to, post.kind == "image")

    async def has_recalled(self, message: str) -> bool:
        return self._post(message).kind == "system"

    async def members_now(self) -> frozenset[str]:
        return frozenset(self._world.group(self.group).seats)

    async def announcement_now(self) -> str:
        return self._world.group(self.group).announcement

    async def topic_now(self) -> str:
        return self._world.group(self.group).topic

    async def goes_down(self) -> None:
        self._clock.set(self._clock.now() + timedelta(minutes=1))
        self._stage.cut()

    async def comes_back(self) -> None:
        self._stage.mend()

    def _post(self, message: str) -> Post:
        post = self._world.find(message)
        assert post is not None
        return post


@pytest.fixture
async def contract(tmp_path: Path) -> AsyncIterator[Contract]:
    clock = ManualClock(datetime(2026, 1, 5, 1, tzinfo=UTC))
    transport = SandboxTransport(tmp_path / "world.db", clock)
    transport.stage.let_remove(transport.world.group("g2"), False)
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    inbox = Inbox()
    running = asyncio.create_task(transport.run(inbox.deliver))
    yield Contract(transport, SandboxWorld(transport, clock, picture), inbox)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await transport.close()
    transport.world.close()


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
async def test_the_sandbox_keeps_the_contract(check: Check, contract: Contract) -> None:
    await check(contract)
