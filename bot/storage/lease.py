"""Storage: which process serves an account on a server: a lease by the server's clock, and an epoch that only grows.

Whoever takes the account over raises the epoch, and every commit asks, in its own transaction, whether its epoch is
still the current one. So a process that hung while another took over can write nothing when it wakes: neither the
intent to send something nor that it was sent. An advisory lock would not do: it stays held while its holder hangs.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StorageError
from bot.storage.server import SHARED, Server
from bot.storage.trouble import driver_errors, in_plain_words

if TYPE_CHECKING:
    import asyncpg

log = logging.getLogger(__name__)

# Outside the accounts' schemas and their migrations: it is asked before either is touched.
_GROUND = f"""
BEGIN;
SELECT pg_advisory_xact_lock(hashtext('{SHARED}'));
CREATE SCHEMA IF NOT EXISTS {SHARED};
CREATE TABLE IF NOT EXISTS {SHARED}.leases (
    account TEXT PRIMARY KEY, holder TEXT NOT NULL, epoch BIGINT NOT NULL, until TIMESTAMPTZ NOT NULL
);
COMMIT;
"""
_TABLE = f"{SHARED}.leases"
_END = "clock_timestamp() + make_interval(secs => $3)"
_LOOK = f"SELECT holder, epoch, until < clock_timestamp() AS over FROM {_TABLE} WHERE account = $1"  # noqa: S608  no part is anybody's words
_FIRST = f"INSERT INTO {_TABLE} VALUES ($1, $2, 1, {_END}) ON CONFLICT DO NOTHING RETURNING epoch"  # noqa: S608
_TAKE = (
    f"UPDATE {_TABLE} SET holder = $2, epoch = epoch + 1, until = {_END} "  # noqa: S608
    "WHERE account = $1 AND epoch = $4 AND until < clock_timestamp() RETURNING epoch"
)
_RENEW = f"UPDATE {_TABLE} SET until = {_END} WHERE account = $1 AND epoch = $2 RETURNING epoch"  # noqa: S608
_RELEASE = f"UPDATE {_TABLE} SET until = clock_timestamp() WHERE account = $1 AND epoch = $2"  # noqa: S608
_FENCE = f"SELECT 1 FROM {_TABLE} WHERE account = $1 AND epoch = $2 FOR SHARE"  # noqa: S608
_CUT_OFF = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE application_name = $1 AND usename = current_user AND pid <> pg_backend_pid()"
)


class Lost(StorageError):
    """This process may write no more: another serves the account now, or what it last wrote is uncertain."""


def _now() -> float:
    """Seconds that go on while the process hangs and, where the system can say, while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass(slots=True)
class Lease:
    """One process's right to serve one account for `length` seconds, renewed at a third of that.

    on_lost: told once why it is gone for good; a server that is away for a while is no loss yet.
    """

    server: Server
    length: float
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    epoch: int = 0
    held_by: str = ""
    """Who had it when it was last asked for in vain."""
    lost: str = ""
    on_lost: list[Callable[[str], None]] = field(default_factory=list)
    _grounded: bool = False
    _until: float = 0.0
    _task: asyncio.Task[None] | None = None
    _connection: asyncpg.Connection[Any] | None = None

    @property
    def holder(self) -> str:
        """Who we are, for people."""
        return f"{socket.gethostname()}:{os.getpid()}:{self.token}"

    @property
    def name(self) -> str:
        """What the server lists the writing connection as, so that whoever takes over can cut it off."""
        return _name(self.server.account, self.token)

    def is_held(self) -> bool:
        """Whether it is certainly ours now, for as long as a call to the gateway takes to begin."""
        return not self.lost and _now() < self._until - self.length / 10

    # ---- taking and giving

    async def take(self) -> bool:
        """Take the account if nobody serves it; then it is renewed until `release`. Raises StorageError."""
        with in_plain_words(self.server.place):
            connection = await self._reach()
            if not self._grounded:
                await connection.execute(_GROUND)
                self._grounded = True
            if not await self._take(connection):
                return False
        self._task = asyncio.create_task(self._keep(), name="lease")
        return True

    async def wait(self) -> None:
        """Stand by until the account is ours; a server that is away is asked again."""
        while True:
            try:
                if await self.take():
                    return
            except StorageError as error:
                log.warning("%s", error)
                await self._drop()
            await asyncio.sleep(self.length / 5)

    async def _take(self, connection: asyncpg.Connection[Any]) -> bool:
        account, began = self.server.account, _now()
        found = await connection.fetchrow(_LOOK, account)
        if found is None:
            epoch = await connection.fetchval(_FIRST, account, self.holder, self.length)
        elif found["over"]:
            # A process that hangs in the middle of a transaction holds its locks for as long as its connection lasts.
            await connection.execute(_CUT_OFF, _name(account, found["holder"].rpartition(":")[2]))
            epoch = await connection.fetchval(_TAKE, account, self.holder, self.length, found["epoch"])
        else:
            self.held_by, epoch = found["holder"], None
        if epoch is None:
            return False
        self.epoch, self._until = epoch, began + self.length
        return True

    async def release(self) -> None:
        """Let the next one have it at once. May be called twice."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            if not self.lost:
                with suppress(OSError, *driver_errors()):
                    connection = await self._reach()
                    await connection.execute(_RELEASE, self.server.account, self.epoch)
        self._until = 0.0
        await self._drop()

    # ---- keeping it

    async def _keep(self) -> None:
        while not self.lost:
            await asyncio.sleep(self.length / 3)
            try:
                async with asyncio.timeout(self.length / 3):
                    await self._renew()
            except Exception as error:
                if not isinstance(error, (OSError, *driver_errors())):
                    raise
                log.warning("the lease of %s could not be renewed: %s", self.server.account, error)
                await self._drop()

    async def _renew(self) -> None:
        began, connection = _now(), await self._reach()
        if await connection.fetchval(_RENEW, self.server.account, self.epoch, self.length) is None:
            self.lose()
        else:
            self._until = began + self.length

    async def check(self, connection: AsyncConnection) -> None:
        """For the writer's transaction, before its COMMIT: nobody can take over until it ends. Raises Lost."""
        found = await connection.exec_driver_sql(_FENCE, (self.server.account, self.epoch))
        if found.first() is None:
            self.lose()
            raise Lost(self.lost)

    def lose(self, why: str = "") -> None:
        """It is gone for good."""
        if self.lost:
            return
        self.lost = why or (
            f"账户 {self.server.account} 已由另一个进程接手，这个进程停下，什么都不再发 (another process took over)"
        )
        log.error("%s", self.lost)
        for tell in self.on_lost:
            tell(self.lost)

    async def _reach(self) -> asyncpg.Connection[Any]:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self.server.connect(f"shequn {self.server.account} lease", lock_timeout="5s")
        return self._connection

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


def _name(account: str, token: str) -> str:
    return f"shequn {account} {token}"


async def is_sound(connection: AsyncConnection) -> None:
    """What `Lease.check` does besides: a transaction that a failed statement has spoilt would end in silence."""
    await connection.exec_driver_sql("SELECT 1")
