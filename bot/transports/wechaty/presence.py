"""Transport: whether the gateway is there and the account logged in, since when not, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from bot.events import GatewayChanged
from bot.model import Member
from bot.transport import Health
from bot.transports.wechaty.trouble import BREAK_ERRORS

T = TypeVar("T")
BREAKS = 2
BACK_WITHIN = 30.0
_MOMENT = 0.1
_CONNECTING = "正在连接网关"
_WAITING = "已连上网关，等账号登录"


class Presence:
    """Turns connects, losses, logins and logouts into `GatewayChanged`, one per change."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.account = Member("", "")
        self.connected = False
        self.announced = ""
        self._online = asyncio.Event()
        self._detail = _CONNECTING
        self._code = ""
        self._heard_at: datetime | None = None
        self._gap_from: datetime | None = None
        self._said: tuple[bool, str] | None = None
        self._count = 0

    @property
    def logged_in(self) -> bool:
        return self._online.is_set()

    async def wait_online(self, seconds: float) -> bool:
        """Whether the account is, or comes, online within that time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._online.wait()
        return self.logged_in

    async def through_breaks(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask, and again when the connection breaks meanwhile: what was not told then is never told again."""
        for _ in range(BREAKS):
            try:
                return await ask()
            except BREAK_ERRORS:
                # the event stream notices the break a moment later than a call does
                await asyncio.sleep(_MOMENT)
                if not await self.wait_online(BACK_WITHIN):
                    raise
        return await ask()

    def health(self) -> Health:
        return Health(self.connected, self.logged_in, self._detail, self._code)

    def heard(self) -> None:
        """Something came from the gateway; until now nothing was missed."""
        if self.logged_in:
            self._heard_at = self._clock()

    def joined(self) -> None:
        """Connected; whether the account is logged in comes next."""
        self.connected, self._detail = True, _WAITING

    def announce(self, account: str) -> bool:
        """The gateway says that this account is logged in; whether that is news."""
        news = account != self.announced
        self.announced = account
        if account != self.account.id:
            self._online.clear()
            self.account = Member(account, account)
        return news

    def login(self, account: str, name: str) -> bool:
        """What is needed to work for it is known now; False when it has been lost meanwhile."""
        if account != self.announced:
            return False
        self.account = Member(account, name or self.account.name)
        self.connected, self._detail, self._code = True, "", ""
        self._online.set()
        return True

    def away(self, reason: str, code: str = "") -> None:
        """Connected, but nobody is logged in. code: what to scan, when the gateway has said it."""
        self._end()
        self._detail, self._code = reason, code

    def lost(self, reason: str) -> None:
        self._end()
        self.connected, self._detail = False, reason

    def _end(self) -> None:
        if self.logged_in:
            self._gap_from = self._heard_at or self._clock()
        self.announced = self._code = ""
        self._online.clear()

    def change(self) -> GatewayChanged | None:
        """The event that tells the present state; None when it was told already."""
        state = self.logged_in, self._detail
        if state == self._said:
            return None
        self._said = state
        at = self._clock()
        self._count += 1
        gap_from = self._gap_from
        if self.logged_in:
            self._gap_from, self._heard_at = None, at
        return GatewayChanged(
            id=f"gateway:{at.isoformat()}:{self._count}",
            at=at,
            up=self.logged_in,
            reason=self._detail,
            gap_from=gap_from,
        )
