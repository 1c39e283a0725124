"""Web: the console's door: one-time link, password, session; guessing gets slower and slower."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from bot.storage import console as store
from bot.storage.console import User
from bot.storage.work import Work
from bot.web.console import password
from bot.web.console.house import House

COOKIE = "shequn_console"
LASTS = timedelta(days=14)
LINK_LASTS = timedelta(hours=24)
FREE_TRIES, LONGEST_WAIT = 5, timedelta(minutes=15)
REMEMBERED = 10_000
NAME_LENGTH = 32


class Rank(IntEnum):
    """What somebody may do in the console: look, run groups, everything."""

    VIEWER = 0
    OPERATOR = 1
    OWNER = 2


RANKS = {"viewer": Rank.VIEWER, "operator": Rank.OPERATOR, "owner": Rank.OWNER}
TITLES = {"owner": "站长", "operator": "运营", "viewer": "只读"}


class Refused(Exception):
    """No entry; the words are for the person at the door."""


@dataclass(slots=True)
class Tries:
    """Wrong guesses of one name or from one address."""

    count: int = 0
    until: datetime | None = None


@dataclass(slots=True)
class Gate:
    """Decides who comes in."""

    house: House
    _tries: OrderedDict[str, Tries] = field(default_factory=OrderedDict)

    async def make_link(self, name: str = "站长", role: str = "owner") -> str:
        """The path of a new one-time link; it replaces any other and works for a day."""
        secret, until = secrets.token_urlsafe(32), self.house.now() + LINK_LASTS
        await self.house.write(lambda work: store.put_link(work, secret, name, role, until))
        return f"/console/welcome/{secret}"

    async def is_set_up(self) -> bool:
        """Whether somebody has a password."""
        return await self.house.read(store.count_owners) > 0

    async def invited(self, secret: str) -> tuple[str, str]:
        """(name, role) of a link that still works. Raises Refused."""
        now = self.house.now()
        found = await self.house.read(lambda work: store.read_link(work, secret, now))
        if found is None:
            raise Refused("这个链接用过了或者过期了，请在服务器上运行 shequn console link 再要一个")
        return found

    async def accept(self, secret: str, name: str, chosen: str) -> str:
        """Set the password that a link allows; returns the key of a new session. Raises Refused."""
        _, role = await self.invited(secret)
        name = clean(name)
        if complaint := password.complaint(chosen):
            raise Refused(complaint)
        made, now = await password.make(chosen), self.house.now()

        async def write(work: Work) -> None:
            # Asked again inside the transaction: of two who follow the same link at once, one comes in.
            if await store.read_link(work, secret, now) is None:
                raise Refused("这个链接刚刚被用掉了")
            await store.use_link(work)
            await store.put_user(work, name, role, made, now)

        await self.house.write(write)
        return await self._begin(name)

    async def login(self, name: str, given: str, address: str) -> str:
        """The key of a new session. Raises Refused, in the same words whether name or password is wrong."""
        name = name.strip()[:NAME_LENGTH]
        doors = (f"name:{name}", f"from:{address}")
        for door in doors:
            self._must_wait(door)
        known = await self.house.read(lambda work: store.user(work, name))
        if not await password.fits(given, known.password if known else ""):
            for door in doors:
                self._wrong(door)
            raise Refused("名字或密码不对")
        for door in doors:
            self._tries.pop(door, None)
        return await self._begin(name)

    async def change_password(self, who: User, old: str, new: str) -> None:
        """Raises Refused. The caller ends the person's other sessions."""
        self._must_wait(f"name:{who.name}")
        if not await password.fits(old, who.password):
            self._wrong(f"name:{who.name}")
            raise Refused("原来的密码不对")
        if complaint := password.complaint(new):
            raise Refused(complaint)
        made = await password.make(new)
        await self.house.write(lambda work: store.set_password(work, who.name, made))

    async def visitor(self, session: str) -> User | None:
        """Whose session this is."""
        if not session or len(session) > 100:
            return None
        now = self.house.now()
        return await self.house.read(lambda work: store.session_user(work, session, now))

    async def logout(self, session: str) -> None:
        await self.house.write(lambda work: store.end_session(work, session))

    async def _begin(self, name: str) -> str:
        """Always a new key: one that somebody planted before the login is worth nothing."""
        secret, now = secrets.token_urlsafe(32), self.house.now()
        await self.house.write(lambda work: store.begin_session(work, name, secret, now, now + LASTS))
        return secret

    def _must_wait(self, door: str) -> None:
        tries = self._tries.get(door)
        if tries is not None and tries.until is not None and self.house.now() < tries.until:
            left = int((tries.until - self.house.now()).total_seconds()) + 1
            raise Refused(f"试得太多了，请 {left} 秒后再试")

    def _wrong(self, door: str) -> None:
        tries = self._tries.setdefault(door, Tries())
        self._tries.move_to_end(door)
        tries.count += 1
        if tries.count >= FREE_TRIES:
            wait = min(timedelta(seconds=2 ** min(tries.count - FREE_TRIES, 20)), LONGEST_WAIT)
            tries.until = self.house.now() + wait
        while len(self._tries) > REMEMBERED:
            self._tries.popitem(last=False)


def clean(name: str) -> str:
    """A user's name as it is kept. Raises Refused."""
    found = " ".join(name.split())
    if not 1 <= len(found) <= NAME_LENGTH or not found.isprintable():
        raise Refused(f"名字要 1 到 {NAME_LENGTH} 个字，不含特殊符号")
    return found
