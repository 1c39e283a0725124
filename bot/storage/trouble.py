"""Storage: what SQLite and the disk complain about, as one Chinese sentence that says how to mend it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, PendingRollbackError, SQLAlchemyError

from bot.errors import StorageError

_CAUSES: tuple[tuple[str, str], ...] = (
    ("readonly", "只读，写不进去：检查文件和文件夹的权限，或者 chown 给运行机器人的用户 (read-only)"),
    ("disk is full", "磁盘满了：请腾出空间，已经写下的数据都在 (disk full)"),
    ("disk i/o error", "磁盘读写出错：检查磁盘和挂载 (disk I/O error)"),
    ("not a database", "不是数据库文件，或者已经损坏：用 shequn db restore 备份文件 恢复 (not a database)"),
    ("malformed", "已经损坏：用 shequn db restore 备份文件 恢复，备份在 backups 文件夹里 (damaged)"),
    ("locked", "正被另一个程序占用：先停掉正在运行的机器人 (locked by another process)"),
    ("unable to open", "打不开：检查路径、权限和磁盘 (cannot open)"),
)


def explain(path: Path, error: BaseException) -> StorageError:
    """The error as a StorageError about this file."""
    if isinstance(error, OSError):
        return StorageError(f"{path}：{_say_os(error)}")
    text = str(error.orig if isinstance(error, DBAPIError) else error)
    for mark, sentence in _CAUSES:
        if mark in text.lower():
            return StorageError(f"数据库 {path} {sentence}")
    return StorageError(f"数据库 {path} 不能用：{text} (database error)")


@contextmanager
def in_plain_words(path: Path) -> Iterator[None]:
    """What the block finds wrong with this file or its disk is raised as StorageError."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise explain(path, error) from error


def _say_os(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "没有权限写：检查文件夹的权限，或者 chown 给运行机器人的用户 (permission denied)"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "磁盘满了：腾出空间再试 (disk full)"
    if error.errno == errno.ENOENT:
        return "没有这个文件 (no such file)"
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return "路径中间有一段是文件，不是文件夹 (not a directory)"
    return f"{error.strerror or error} (system error)"


def may_pass(error: BaseException) -> bool:
    """Whether the same may work later: a full, locked or failing disk; not a row or a statement that is wrong."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PendingRollbackError)
    code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return error.connection_invalidated or (
        isinstance(error.orig, sqlite3.OperationalError) and code != sqlite3.SQLITE_ERROR
    )


def connect(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """A plain connection for the tools of the command line. Raises StorageError for a missing file."""
    if not path.is_file():
        raise StorageError(f"没有数据库 {path}：先用 shequn db upgrade 建立，或者用 --data 指到别处 (no database)")
    try:
        uri = f"{path.resolve().as_uri()}?mode={'rw' if write else 'ro'}"
        return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=5)
    except (sqlite3.Error, OSError) as error:
        raise explain(path, error) from error
