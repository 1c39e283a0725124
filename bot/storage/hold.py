"""Storage: one bot per database file: a lock that the system lets go when the process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.errors import StorageError
from bot.storage.moved import must_not_be_gone
from bot.storage.trouble import explain


@contextmanager
def hold(database: Path, page: str = "") -> Iterator[None]:
    """Keep every other bot away from this file until the block ends. `page`: where this one can be seen.

    Raises StorageError when another process has it, and when its data has moved to a server.
    """
    must_not_be_gone(database)
    path = database.with_suffix(".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise explain(path, error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise StorageError(_taken(database, file.read(200))) from None
        except OSError as error:
            raise explain(path, error) from error
        _sign(file.fileno(), page)
        yield


def _sign(number: int, page: str) -> None:
    """Who holds it, for the sentence that the next one gets; a full disk does not matter here."""
    with suppress(OSError):
        os.ftruncate(number, 0)
        os.write(number, f"{os.getpid()} {page}".encode())


def _taken(database: Path, signature: str) -> str:
    pid, _, page = signature.strip().partition(" ")
    who = "，".join(part for part in (pid and f"进程 {pid}", page and f"网页 {page}") if part)
    return (
        f"数据库 {database} 正被另一个机器人使用{f'（{who}）' if who else ''}："
        "先停掉它，或者用 --data 换一个文件夹 (in use by another bot)"
    )
