"""Web: the console's door: one-time link, password, session; guessing gets slower and slower."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum

from bot.storage import console as store
from bot.storage.console import User
from bot.storage.work import Work
from bot.text import fill
from bot.web.console import password
from bot.web.console.house import House
from bot.web.console.patience import Patience, TooSoon, network
from bot.web.console.tongue import Tongue

log = logging.getLogger(__name__)

COOKIE = "shequn_console"
LASTS = timedelta(days=14)
LINK_LASTS = timedelta(hours=24)
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

    def __init__(self, chinese: str, **values: object) -> None:
        super().__init__(fill(chinese, values))
        self.chinese = chinese
        self.values = values

    def said(self, say: Tongue) -> str:
        """In their language."""
        return say(self.chinese, **self.values)


@dataclass(slots=True)
class Gate:
    """Decides who comes in."""

    house: House
    _patience: Patience = field(default_factory=Patience)

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
        meant, role = await self.invited(secret)
        name = clean(name)
        if complaint := password.complaint(chosen):
            raise Refused(complaint)
        made, now = await password.make(chosen), self.house.now()

        async def write(work: Work) -> None:
            # Asked again inside the transaction: of two who follow the same link at once, one comes in.
            if await store.read_link(work, secret, now) is None:
                raise Refused("这个链接刚刚被用掉了")
            if name != meant and await store.user(work, name) is not None:
                # Whoever is invited chooses a name of their own, not somebody's account.
                raise Refused("已经有人叫这个名字，换一个")
            had_owner = await store.count_owners(work) > 0
            await store.use_link(work)
            await store.put_user(work, name, role, made, now)
            if had_owner and await store.count_owners(work) == 0:
                raise Refused("至少要留一位站长")

        await self.house.write(write)
        await self.house.audit(name, "console.joined", {"role": role})
        return await self._begin(name)

    async def login(self, name: str, given: str, address: str, device: str = "") -> str:
        """The key of a new session. Raises Refused, in the same words whether name or password is wrong.

        device: the mark of a browser in which this person has been logged in before. It has a patience of its own, so
        that a stranger who guesses their name, or shares their address, cannot lock them out.
        """
        name = name.strip()[:NAME_LENGTH]
        now = self.house.now()
        doors: tuple[str, ...]
        if await self.knows(device, name):
            doors = (f"device:{store.digest(device)}",)
        else:
            doors = (f"name:{name}", f"from:{network(address)}")
        try:
            # Counted before the answer is known: a hundred guesses at the same moment are a hundred guesses.
            self._patience.spend(doors, now)
        except TooSoon as error:
            raise Refused("试得太多了，请 {秒} 秒后再试", 秒=error.seconds) from error
        known = await self.house.read(lambda work: store.user(work, name))
        if not await password.fits(given, known.password if known else ""):
            log.warning("a login of the console failed, from %s", network(address))
            raise Refused("名字或密码不对")
        self._patience.forget(doors)
        await self.house.audit(name, "console.login", {})
        return await self._begin(name)

    async def knows(self, device: str, name: str) -> bool:
        """Whether this person has been logged in there before."""
        return bool(device) and await self.house.read(lambda work: store.knows_device(work, device, name))

    async def remember_device(self, name: str) -> str:
        """The mark by which this browser is known again; it opens nothing."""
        secret, now = secrets.token_urlsafe(24), self.house.now()
        await self.house.write(lambda work: store.add_device(work, secret, name, now))
        return secret

    async def change_password(self, who: User, old: str, new: str) -> None:
        """Raises Refused. The caller ends the person's other sessions."""
        try:
            self._patience.spend((f"change:{who.name}",), self.house.now())
        except TooSoon as error:
            raise Refused("试得太多了，请 {秒} 秒后再试", 秒=error.seconds) from error
        if not await password.fits(old, who.password):
            raise Refused("原来的密码不对")
        self._patience.forget((f"change:{who.name}",))
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


def clean(name: str) -> str:
    """A user's name as it is kept. Raises Refused."""
    found = " ".join(name.split())
    if not 1 <= len(found) <= NAME_LENGTH or not found.isprintable():
        raise Refused("名字要 1 到 {长} 个字，不含特殊符号", 长=NAME_LENGTH)
    return found
