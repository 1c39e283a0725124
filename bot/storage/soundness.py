"""Storage: whether the database file is whole, and which copies could take its place when it is not."""

from __future__ import annotations

import asyncio
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import DamagedError, StorageError
from bot.storage.trouble import connect, explain

OFFERED = 3
"""So many sound copies are looked for; who needs an older one finds it beside them."""
_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_AT_ONCE = 1 << 20
_STEPS = 10_000


def must_be_whole(path: Path, largest: int | None = None) -> None:
    """Look at the file before anything is done with it; a file of more than `largest` bytes is passed by.

    Raises DamagedError, which says what is broken.
    """
    if not path.is_file() or (largest is not None and path.stat().st_size > largest):
        return
    _read_through(path)
    if broken := damage(path):
        raise DamagedError(
            f"✗ 数据库 {path} 已经损坏，在动它之前停下了 (the database is damaged; stopped before touching it)\n"
            f"坏在 (what is broken)：{broken}",
            path,
        )


def damage(path: Path, opened: Callable[[sqlite3.Connection], None] | None = None) -> str:
    """What is broken in the file, in one line; empty when it is whole or has nothing in it yet.

    opened: is given the connection, which another thread may interrupt. Raises StorageError when it cannot be asked.
    """
    if not path.is_file() or not path.stat().st_size:
        return ""
    try:
        with closing(connect(path)) as connection:
            if opened is not None:
                opened(connection)
            problem = _problem(connection, "PRAGMA quick_check(1)")
            return f"{_tables(connection)}{problem}" if problem else ""
    except sqlite3.DatabaseError as error:
        raise explain(path, error) from error


@dataclass(frozen=True, slots=True)
class Copy:
    """A sound copy of the database."""

    path: Path
    at: datetime
    size: int


def sound_copies(path: Path) -> Iterator[Copy]:
    """The newest copies of the file that are whole, newest first; each was just looked at."""
    folder = path.parent / "backups"
    found = [*folder.glob(f"{path.stem}-*.db"), *(folder / "daily").glob(f"{path.stem}-*.db")]
    left = OFFERED
    for each in sorted(found, key=lambda one: one.stat().st_mtime, reverse=True):
        about = each.stat()
        if left and about.st_size and _is_sound(each):
            left -= 1
            yield Copy(each, datetime.fromtimestamp(about.st_mtime, UTC), about.st_size)


def ways_back(path: Path) -> list[str]:
    """Lines that say what the file can be restored from, and with which command."""
    copies = list(sound_copies(path))
    if not copies:
        return [
            "没有能用的备份 (no sound copy)。先把坏文件复制一份留底，再试着救出读得出来的部分 (salvage)：",
            f"  sqlite3 {_quote(path)} .recover | sqlite3 {_quote(path.with_name('saved.db'))}",
            f"  {_command(path, path.with_name('saved.db'))}",
            f"什么也救不出来就移开它重新开始 (or begin again)：mv {_quote(path)} {_quote(path.with_name('broken.db'))}",
        ]
    return [
        "查过、能用的备份，新的在前 (sound copies, newest first)：",
        *(f"  {copy.at.astimezone():%Y-%m-%d %H:%M %Z}  {copy.size / 1e6:.1f} MB  {copy.path}" for copy in copies),
        "停掉机器人，恢复最新的一份 (to restore the newest)：",
        f"  {_command(path, copies[0].path)}",
        "坏文件会留在旁边；备份之后的消息、积分不在里面 (what came after the copy is lost)",
    ]


class Inspection:
    """A look at a large file while the bot works on it, on a connection of its own that only reads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._is_stopped = False

    async def run(self) -> str:
        """As `damage`. Cancelling it ends the look at once, or the process would wait for it at its end."""
        try:
            return await asyncio.to_thread(damage, self._path, self._opened)
        except asyncio.CancelledError:
            self._is_stopped = True
            if self._connection is not None:
                with suppress(sqlite3.ProgrammingError):  # it is through already
                    self._connection.interrupt()
            raise

    def _opened(self, connection: sqlite3.Connection) -> None:
        # An interruption reaches only a query under way; the handler sees to one that has not begun.
        connection.set_progress_handler(lambda: self._is_stopped, _STEPS)
        self._connection = connection


def _problem(connection: sqlite3.Connection, question: str) -> str:
    """SQLite's own words; empty when all is well."""
    try:
        said = str(connection.execute(question).fetchone()[0])
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _BROKEN:
            raise
        return str(error)
    return "" if said == "ok" else said.removeprefix("*** in database main ***").strip()


def _tables(connection: sqlite3.Connection) -> str:
    """`表 messages、outbox：` for the tables with broken pages; empty when nothing can be said about them."""
    try:
        names = [str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    except sqlite3.DatabaseError:
        return ""
    quoted = {name: name.replace("'", "''") for name in names}
    broken = [name for name in names if _problem(connection, f"PRAGMA quick_check('{quoted[name]}')")]
    return f"表 {'、'.join(broken)}：" if broken and len(broken) < len(names) else ""


def _is_sound(path: Path) -> bool:
    try:
        return not damage(path)
    except StorageError:
        return False


def _read_through(path: Path) -> None:
    """Once from front to back: SQLite's own order on a cold disk takes five times as long."""
    buffer = bytearray(_AT_ONCE)
    try:
        with path.open("rb", buffering=0) as file:
            while file.readinto(buffer):
                pass
    except OSError as error:
        raise explain(path, error) from error


def _command(path: Path, copy: Path) -> str:
    return f"shequn --data {_quote(path.parent)} db restore {_quote(copy)}"


def _quote(path: Path) -> str:
    return shlex.quote(str(path))
