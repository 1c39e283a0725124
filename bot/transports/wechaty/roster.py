"""Transport: the member lists as they are now, at every (re)connect and every few minutes.

The list of a group goes out at once with the names known; who has no name yet is in it with an empty one. Those
are then asked for slowly — many look-ups at once are what accounts get locked for — and the list goes out again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NoReturn

from bot.events import Event, RosterSeen
from bot.model import Member
from bot.transports.wechaty import tidy
from bot.transports.wechaty.calls import GatewayPuppet
from bot.transports.wechaty.lanes import Finish, Lanes, Look
from bot.transports.wechaty.people import People
from bot.transports.wechaty.trouble import PAYLOAD_ERRORS

log = logging.getLogger(__name__)
GROUPS_AT_ONCE = 4
NAMES_AT_ONCE = 4
NAMED_FIRST = 30


class Roster:
    """Runs two loops; `want` makes the first one look now."""

    def __init__(
        self, puppet: GatewayPuppet, people: People, clock: Callable[[], datetime], online: Callable[[], bool]
    ) -> None:
        self._puppet, self._people, self._clock, self._online = puppet, people, clock, online
        self._every = puppet.settings.reconcile.total_seconds()
        self._pause = 1 / puppet.settings.lookups_per_second
        self._wanted = asyncio.Event()
        self._some: set[str] = set()
        self._all = False
        self._nameless: asyncio.Queue[str] = asyncio.Queue()
        self._naming: set[str] = set()
        self._members: dict[str, frozenset[str]] = {}

    def want(self, group: str = "") -> None:
        """Look at this group, or at all of them, as soon as possible."""
        if group:
            self._some.add(group)
        else:
            self._all = True
        self._wanted.set()

    async def get_rooms(self) -> None:
        """Learn about all groups, so that the bot's rights in them are known; within `call_timeout` or not at all."""
        with suppress(*PAYLOAD_ERRORS):
            async with asyncio.timeout(self._puppet.settings.call_timeout.total_seconds()):
                rooms = tidy.idents(await self._puppet.rooms())
                await asyncio.gather(*(self._people.room(group) for group in rooms))

    async def run(self, lanes: Lanes) -> NoReturn:
        while True:
            try:
                async with asyncio.timeout(self._every):
                    await self._wanted.wait()
            except TimeoutError:
                self._all = True
            self._wanted.clear()
            groups, everything = self._some, self._all
            self._some, self._all = set(), False
            if not self._online():
                continue
            try:
                chosen = await self._puppet.rooms() if everything else sorted(groups)
            except PAYLOAD_ERRORS as error:
                log.warning("the list of rooms cannot be read: %s", type(error).__name__)
                continue
            await self._look_at(tidy.idents(chosen), lanes)

    async def _look_at(self, groups: Sequence[str], lanes: Lanes) -> None:
        places = asyncio.Semaphore(GROUPS_AT_ONCE)

        async def one(group: str) -> None:
            async with places:
                event = await self.see(group)
            if event is not None:
                await lanes.submit(_ready(group, event))

        await asyncio.gather(*(one(group) for group in groups))

    async def see(self, group: str) -> RosterSeen | None:
        """The group as it is; None when the gateway does not tell (an empty list would mean everybody left)."""
        try:
            ids = tidy.idents(await self._puppet.member_ids(group))
            self._people.changed(group)
            room = await self._people.room(group)
        except PAYLOAD_ERRORS as error:
            log.warning("members of %s cannot be read: %s", group, type(error).__name__)
            return None
        if not ids:
            return None
        known = self._members.get(group, frozenset())
        self._members[group] = frozenset(ids)
        nameless = [each for each in ids if self._people.known_name(group, each) is None]
        nameless.sort(key=lambda each: each in known)  # newcomers first: they are about to be welcomed
        await self._name(group, nameless[:NAMED_FIRST])
        if len(nameless) > NAMED_FIRST and group not in self._naming:
            self._naming.add(group)
            self._nameless.put_nowait(group)
        members = tuple(Member(each, self._shown(group, each), self._people.role(group, each)) for each in ids)
        at = self._clock()
        return RosterSeen(
            id=f"roster:{group}:{at.isoformat()}",
            at=at,
            group=group,
            members=members,
            topic=room.topic,
            size=len(ids),
        )

    def _shown(self, group: str, member: str) -> str:
        """An id that stands in for a name is no news about the name."""
        name = self._people.known_name(group, member) or ""
        return "" if name == member else name

    async def _name(self, group: str, members: Sequence[str]) -> None:
        places = asyncio.Semaphore(NAMES_AT_ONCE)

        async def one(member: str) -> None:
            async with places:
                await self._people.name(group, member)

        await asyncio.gather(*(one(member) for member in members))

    async def name_the_rest(self) -> NoReturn:
        """Ask for the names of those a list went out without, one by one, then send the list again."""
        while True:
            group = await self._nameless.get()
            members = self._members.get(group, frozenset())
            for member in sorted(members):
                if self._online() and self._people.known_name(group, member) is None:
                    await self._people.name(group, member)
                    await asyncio.sleep(self._pause)
            self._naming.discard(group)
            self.want(group)

    def forget(self) -> None:
        """Another account, other groups."""
        self._members.clear()


def _ready(group: str, event: Event) -> Look:
    async def finish() -> Sequence[Event]:
        return [event]

    async def look() -> tuple[str | None, Finish]:
        return group, finish

    return look
