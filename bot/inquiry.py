"""Engine room: whether a thing was really done: by the member list, the announcement read back, the bot's own echo."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.actions import Announce, InviteMember, RemoveMember, SetTopic
from bot.clock import Clock
from bot.errors import TransportError
from bot.evidence import Echoes, plain
from bot.storage.outbox import Row, State
from bot.transport import Transport

VERIFY_AGAIN = timedelta(seconds=5)
VERIFY_TIMES = 3
CANNOT_TELL = timedelta(minutes=10)
"""How long the far side is asked about an uncertain removal or invitation before an admin is."""


class Clerk(Protocol):
    """Who sent the rows and writes down what came of them.

    evidence: how long an uncertain message waits for the bot's own echo before an admin is asked.
    """

    transport: Transport
    clock: Clock
    echoes: Echoes
    evidence: timedelta

    async def mark(self, row: Row) -> None: ...

    async def settle(self, row: Row, state: State, error: str = "", ask: str = "") -> None: ...

    async def fail(self, row: Row, error: str) -> None: ...


@dataclass(slots=True)
class Inquiry:
    """Finds out on behalf of the courier, which writes down what came of it."""

    courier: Clerk
    _verified: dict[int, int] = field(default_factory=dict)
    _uncertain: dict[int, datetime] = field(default_factory=dict)

    def forget(self, row: Row) -> None:
        """The row is settled."""
        self._verified.pop(row.id, None)
        self._uncertain.pop(row.id, None)

    async def verify(self, row: Row) -> None:
        """After a removal the member must be gone; a gateway that says OK and does nothing is found here."""
        assert isinstance(row.action, RemoveMember)
        still_there = await self._is_member(row.group, row.action.member.id)
        tries = self._verified[row.id] = self._verified.get(row.id, 0) + 1
        if still_there is False or (still_there is None and tries >= VERIFY_TIMES):
            self._verified.pop(row.id, None)
            await self.courier.settle(row, State.DONE)
        elif still_there and tries >= VERIFY_TIMES:
            self._verified.pop(row.id, None)
            await self.courier.fail(row, "the gateway said OK but the member is still there")
        else:
            row.not_before = self.courier.clock.now() + VERIFY_AGAIN
            await self.courier.mark(row)

    async def _is_member(self, group: str, member: str) -> bool | None:
        try:
            return await self.courier.transport.is_member(group, member)
        except TransportError:
            return None

    async def resolve(self, row: Row) -> None:
        """Find out whether an uncertain action happened. A removal may be repeated, a message may not."""
        if not self.courier.transport.health().connected:
            row.not_before = self.courier.clock.now() + timedelta(seconds=5)
            return
        match row.action:
            case RemoveMember(member=member):
                await self._by_membership(row, await self._is_member(row.group, member.id), wanted=False)
            case InviteMember(member=member):
                await self._by_membership(row, await self._is_member(row.group, member.id), wanted=True)
            case Announce(text=text):
                await self._by_reading(row, text)
            case SetTopic():
                await self._back_to_waiting(row)
            case _:
                await self._by_echo(row)

    async def _by_membership(self, row: Row, is_member: bool | None, *, wanted: bool) -> None:
        now = self.courier.clock.now()
        if is_member is None and now >= self._uncertain.setdefault(row.id, now + CANNOT_TELL):
            await self.courier.fail(row, "nobody can tell whether it was done")
        elif is_member is None:
            row.not_before = now + VERIFY_AGAIN
        elif is_member is wanted:
            await self.courier.settle(row, State.DONE)
        elif isinstance(row.action, RemoveMember):
            await self._back_to_waiting(row)
        else:
            await self._by_echo(row)

    async def _by_reading(self, row: Row, text: str) -> None:
        """An announcement rings every phone: it is set again only when another one stands there."""
        try:
            standing = await self.courier.transport.announcement(row.group)
        except TransportError:
            standing = None
        if standing is None:
            await self._by_echo(row)
        elif plain(standing) == plain(text):
            await self.courier.settle(row, State.DONE)
        else:
            await self._back_to_waiting(row)

    async def _back_to_waiting(self, row: Row) -> None:
        row.state, row.not_before = State.WAITING, self.courier.clock.now()
        await self.courier.mark(row)

    async def _by_echo(self, row: Row) -> None:
        now = self.courier.clock.now()
        if (message_id := self.courier.echoes.of(row)) is not None:
            row.message_id = message_id
            await self.courier.settle(row, State.DONE)
        elif now >= (until := self._uncertain.setdefault(row.id, now + self.courier.evidence)):
            await self.courier.settle(row, State.UNKNOWN, "no evidence that it was sent", ask="unknown")
        else:
            row.not_before = until
