"""Storage: what the database and the disk complain about, as one Chinese sentence that says how to mend it."""

from __future__ import annotations

import errno
import socket
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError, PendingRollbackError, SQLAlchemyError

from bot.errors import DamagedError, StorageError
from bot.storage.moved import must_not_be_gone

_CAUSES: tuple[tuple[str, str], ...] = (
    ("readonly", "只读，写不进去：检查文件和文件夹的权限，或者 chown 给运行机器人的用户 (read-only)"),
    ("disk is full", "磁盘满了：请腾出空间，已经写下的数据都在 (disk full)"),
    ("disk i/o error", "磁盘读写出错：检查磁盘和挂载 (disk I/O error)"),
    ("not a database", "不是数据库文件，或者已经损坏：用 shequn db restore 备份文件 恢复 (not a database)"),
    ("malformed", "已经损坏：用 shequn db restore 备份文件 恢复，备份在 backups 文件夹里 (damaged)"),
    ("locked", "正被另一个程序占用：先停掉正在运行的机器人 (locked by another process)"),
    ("unable to open", "打不开：检查路径、权限和磁盘 (cannot open)"),
)
_BROKEN = ("not a database", "malformed")
_SERVER_CAUSES: tuple[tuple[str, str], ...] = (
    ("28", "不让进：检查用户名和密码 (authentication failed)"),
    ("3D000", "服务器上没有这个数据库：先 createdb (no such database)"),
    ("42501", "权限不够：账户要能建 schema（GRANT CREATE ON DATABASE） (not allowed)"),
    ("55P03", "里的表正被别的连接占着：关掉它再来 (locked by another connection)"),
    ("53100", "磁盘满了：请腾出空间，已经写下的数据都在 (disk full)"),
    ("53300", "连接太多：调大 max_connections，或者少开几个进程 (too many connections)"),
    ("25006", "只读：连到主库上 (read-only)"),
    ("57P0", "正在停止或启动，稍后自动重试 (shutting down or starting)"),
    ("08", "断了，稍后自动重试 (connection lost)"),
)
"""By the beginning of the server's own code."""
_PASSING = ("08", "25006", "40", "53", "55P03", "57", "58")
"""The same may work later: the connection, another transaction, resources, an operator, the system."""


def explain(path: Path | str, error: BaseException) -> StorageError:
    """The error as a StorageError about this file, or about the server at this place."""
    if isinstance(error, OSError):
        return StorageError(f"{path}：{_say_os(error)}")
    for mark, sentence in _SERVER_CAUSES:
        if (_sqlstate(error) or "").startswith(mark):
            return StorageError(f"数据库 {path} {sentence}")
    text = str(error.orig if isinstance(error, DBAPIError) else error)
    for mark, sentence in _CAUSES:
        if mark in text.lower():
            said = f"数据库 {path} {sentence}"
            return DamagedError(said, Path(path)) if mark in _BROKEN else StorageError(said)
    return StorageError(f"数据库 {path} 不能用：{text} (database error)")


@contextmanager
def in_plain_words(path: Path | str) -> Iterator[None]:
    """What the block finds wrong with this file, its disk or this server is raised as StorageError."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, (SQLAlchemyError, sqlite3.Error, OSError, *driver_errors())):
            raise
        raise explain(path, error) from error


def driver_errors() -> tuple[type[Exception], ...]:
    """What the server's driver raises; nothing while nobody has loaded it."""
    asyncpg: Any = sys.modules.get("asyncpg")
    return (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) if asyncpg else ()


def _sqlstate(error: BaseException) -> str | None:
    """The server's code of an error; None when it is no server's."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    return getattr(origin, "sqlstate", None)


def _say_os(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "没有权限写：检查文件夹的权限，或者 chown 给运行机器人的用户 (permission denied)"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "磁盘满了：腾出空间再试 (disk full)"
    if isinstance(error, ConnectionError | TimeoutError | socket.gaierror):
        return "连不上数据库：检查地址、端口和网络，服务器开了没有 (cannot connect)"
    if error.errno == errno.ENOENT:
        return "没有这个文件 (no such file)"
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return "路径中间有一段是文件，不是文件夹 (not a directory)"
    return f"{error.strerror or error} (system error)"


def may_pass(error: BaseException) -> bool:
    """Whether the same may work later: a full, locked or failing disk, a server that is away; not a row or a statement
    that is wrong."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PendingRollbackError)
    if (state := _sqlstate(error)) is not None:
        return error.connection_invalidated or state.startswith(_PASSING)
    code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return error.connection_invalidated or (
        isinstance(error.orig, sqlite3.OperationalError) and code != sqlite3.SQLITE_ERROR
    )


def connect(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """A plain connection for the tools of the command line. Raises StorageError for a missing file."""
    must_not_be_gone(path)
    if not path.is_file():
        raise StorageError(f"没有数据库 {path}：先用 shequn db upgrade 建立，或者用 --data 指到别处 (no database)")
    try:
        uri = f"{path.resolve().as_uri()}?mode={'rw' if write else 'ro'}"
        return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=5)
    except (sqlite3.Error, OSError) as error:
        raise explain(path, error) from error
