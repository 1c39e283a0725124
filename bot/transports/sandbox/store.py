"""Transport: the sandbox's own SQLite file, where its world survives a restart."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.errors import StorageError

_TABLES = """
CREATE TABLE IF NOT EXISTS thing (key TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS post (seq INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS line (no INTEGER PRIMARY KEY, body TEXT NOT NULL);
"""


class WorldStore:
    """Things by name, posts by number and the lines of the script, all as JSON.

    Not the production database: nothing in here is worth more than a game, so a commit does not wait for the disk.
    `path` may be ":memory:". Raises StorageError when the file cannot be used.
    """

    def __init__(self, path: Path | str) -> None:
        try:
            self._db = sqlite3.connect(str(path), isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_TABLES)
        except sqlite3.Error as error:
            raise StorageError(
                f"沙盒的文件 {path} 用不了：{error}。沙盒里没有正式的数据，删掉 sandbox*.db 就重新开始 (cannot use)"
            ) from error

    def put(self, key: str, body: Any) -> None:
        self._write("INSERT OR REPLACE INTO thing VALUES (?, ?)", key, body)

    def get(self, key: str) -> Any:
        """What was put under this name; None when nothing was."""
        row = self._db.execute("SELECT body FROM thing WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def drop(self, key: str) -> None:
        self._db.execute("DELETE FROM thing WHERE key = ?", (key,))

    def put_post(self, seq: int, body: Any) -> None:
        self._write("INSERT OR REPLACE INTO post VALUES (?, ?)", seq, body)

    def posts(self, last: int) -> list[Any]:
        """The newest `last` posts, oldest first."""
        rows = self._db.execute("SELECT body FROM post ORDER BY seq DESC LIMIT ?", (last,)).fetchall()
        return [json.loads(row[0]) for row in reversed(rows)]

    def add_line(self, body: Any) -> int:
        """Returns its number; the first is 1."""
        return self._write("INSERT INTO line (no, body) VALUES (?, ?)", None, body)

    def lines(self) -> Iterator[Any]:
        """Every line of the script, oldest first."""
        for row in self._db.execute("SELECT body FROM line ORDER BY no"):
            yield json.loads(row[0])

    def clear(self) -> None:
        """Forget the whole world."""
        with self._db:
            self._db.execute("BEGIN")
            for table in ("thing", "post", "line"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608  the names are the three above

    def close(self) -> None:
        self._db.close()

    def _write(self, statement: str, key: object, body: Any) -> int:
        try:
            done = self._db.execute(statement, (key, json.dumps(body, ensure_ascii=False, separators=(",", ":"))))
            return int(done.lastrowid or 0)
        except sqlite3.Error as error:
            raise StorageError(f"沙盒的文件写不进去：{error} (cannot write the sandbox file)") from error
