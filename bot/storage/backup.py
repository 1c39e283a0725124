"""Storage: copies of the database: made while the bot runs, verified, restored with the old file kept beside."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from bot.errors import StorageError
from bot.storage.trouble import connect, explain

_SIDES = ("-wal", "-shm", "-journal")


def check(path: Path) -> list[str]:
    """What SQLite finds wrong with the file, at most ten lines; empty when it is sound."""
    try:
        with closing(connect(path)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)")]
            orphans = connection.execute("PRAGMA foreign_key_check").fetchmany(10)
    except sqlite3.DatabaseError as error:
        raise explain(path, error) from error
    problems = [line for line in found if line != "ok"]
    return problems + [f"{row[0]} 第 {row[1]} 行指向不存在的 {row[2]} (orphan row)" for row in orphans]


def backup(path: Path, to: Path) -> int:
    """Copy the database as it is now to the new file `to`, verify the copy, and say its size in bytes.

    The bot may go on running. Raises StorageError when `to` exists or the copy is not sound.
    """
    if to.exists():
        raise StorageError(f"{to} 已经存在，换个名字 (exists already)")
    part = to.with_name(f"{to.name}.part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        # SQLite would blame the source for a place that cannot be written; a copy is nobody else's to read.
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        with closing(connect(path)) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        _must_be_sound(part)
        _flush(part)
        os.replace(part, to)
        return to.stat().st_size
    except (sqlite3.Error, OSError) as error:
        raise explain(to if isinstance(error, OSError) or "full" in str(error) else path, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def restore(source: Path, target: Path, now: datetime) -> Path | None:
    """Put a verified copy of `source` in the place of `target`; says where the old file lies now, None without one.

    Raises StorageError when `source` is not one of our databases, is damaged, or a program has `target` open.
    """
    if not source.is_file():
        raise StorageError(f"没有备份文件 {source} (no such file)")
    _must_be_ours(source)
    _must_be_sound(source)
    part = target.with_name(f"{target.name}.part")
    kept: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with closing(connect(source)) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        _must_be_sound(part)
        _flush(part)
        if target.exists():
            must_be_free(target)
            kept = target.with_name(f"{target.stem}.before-restore-{now:%Y%m%d-%H%M%S}{target.suffix}")
            _move(target, kept)
        os.replace(part, target)
        return kept
    except (sqlite3.Error, OSError) as error:
        raise explain(target, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def keep_newest(folder: Path, count: int, suffix: str = ".db") -> list[Path]:
    """Delete all copies of the folder but the `count` newest by name; says which went. Names start with their time."""
    old = sorted(folder.glob(f"*{suffix}"))[: -count or None] if count else []
    for path in old:
        path.unlink(missing_ok=True)
    return old


def free_space(path: Path) -> int:
    """Free bytes where `path` is or would be."""
    existing = next(parent for parent in (path, *path.absolute().parents) if parent.exists())
    return shutil.disk_usage(existing).free


def _must_be_sound(path: Path) -> None:
    if problems := check(path):
        raise StorageError(f"数据库 {path} 已经损坏：{problems[0]} (damaged)")


def _must_be_ours(path: Path) -> None:
    try:
        with closing(connect(path)) as connection:
            names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.DatabaseError as error:
        raise StorageError(f"{path} 读不了，或者不是数据库文件，换一个备份：{error} (not a database)") from error
    if not {"installation", "handled", "outbox"} <= names:
        raise StorageError(f"{path} 不是社群机器人的数据库 (not one of our databases)")


def must_be_free(path: Path) -> None:
    """Leaving WAL mode works only for the sole user of a file; it also folds the log into it."""
    try:
        with closing(connect(path, write=True)) as connection:
            connection.execute("PRAGMA busy_timeout=500")
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise explain(path, error) from error
    except sqlite3.DatabaseError:
        return  # too damaged to ask; it is moved aside as it lies


def _move(path: Path, to: Path) -> None:
    for side in ("", *_SIDES):
        old = path.with_name(path.name + side)
        if old.exists():
            os.replace(old, to.with_name(to.name + side))


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
