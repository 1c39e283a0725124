"""Top: one account on a server: stand by until nobody else serves it, serve it, and stop when another takes over."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot.errors import ConfigError
from bot.settings import Settings
from bot.storage.lease import Lease
from bot.storage.server import Server
from bot.web.board import BoardHealth
from bot.web.health import add_health

log = logging.getLogger(__name__)

LOST = 4
"""The exit code of a process whose account another serves now; started again, it stands by."""
_MARK = "account"
Listen = Callable[[web.AppRunner], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Standby:
    """What a process that waits says of itself: alive, and not ready."""

    lease: Lease

    def health(self) -> BoardHealth:
        who = self.lease.held_by or "？"
        return BoardHealth((f"备用：账户 {self.lease.server.account} 正由 {who} 照看 (standby)",))


def claim(folder: Path, account: str) -> None:
    """Pictures and copies lie in the data folder, so no two accounts may share one; those that serve the same may.

    Raises ConfigError when it is another's.
    """
    if not is_claimed(folder, account):
        (folder / _MARK).write_text(account, "utf-8")


def is_claimed(folder: Path, account: str) -> bool:
    """Whether the data folder is this account's already. Raises ConfigError when it is another's."""
    try:
        owner = (folder / _MARK).read_text("utf-8").strip()
    except FileNotFoundError:
        return False
    if owner != account:
        raise ConfigError(
            f"数据文件夹 {folder} 是账户 {owner} 的：账户 {account} 要有自己的，用 --data 指过去 "
            "(another account's folder)"
        )
    return True


async def serve(server: Server, settings: Settings, listen: Listen, run: Callable[[Lease], Awaitable[int]]) -> int:
    """Run once the account is ours; the exit code, LOST when it is ours no more. Raises StorageError at the start.

    listen: opens the pages' port. Told to stop while standing by: 0.
    """
    lease = Lease(server, settings.storage.lease.total_seconds())
    try:
        if not await lease.take() and not await _stand_by(lease, listen):
            return 0
        log.info("账户 %s 由这个进程照看，第 %s 任 (serving, epoch)", server.account, lease.epoch)
        code = await run(lease)
        return LOST if lease.lost else code
    finally:
        await lease.release()


async def _stand_by(lease: Lease, listen: Listen) -> bool:
    """Wait for the account, with a page that says so; whether it is ours, False when told to stop."""
    log.info("账户 %s 正由 %s 照看，这里备用 (standing by)", lease.server.account, lease.held_by)
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    app = web.Application()
    add_health(app, Standby(lease))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    waits = [asyncio.create_task(lease.wait()), asyncio.create_task(told.wait())]
    try:
        await runner.setup()
        await listen(runner)
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return waits[0].done() and not told.is_set()
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
        await runner.cleanup()
