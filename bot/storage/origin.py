"""Storage: the file while its rows move to a server: held still, read in pieces, in the words of a server's columns."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from bot.errors import StorageError
from bot.storage.backup import must_be_free
from bot.storage.shape import Column, Shape, quoted, said_to
from bot.storage.trouble import connect, in_plain_words

CHUNK = 5000
"""Rows at once: a few MB, and the loop is free for the lease in between."""
Sums = tuple[int, int, int]
"""Rows of a table, its numbers, the bytes of its texts."""
_MARK = "\N{REPLACEMENT CHARACTER}"


@contextmanager
def held_still(path: Path) -> Iterator[Origin]:
    """The file with nothing left in a log beside it; until the block ends others may read it, nobody writes."""
    must_be_free(path)
    with in_plain_words(path), closing(connect(path, write=True)) as file:
        file.execute("BEGIN IMMEDIATE")
        yield Origin(path, file)


class Origin:
    """A file that is held still. replaced: by table, characters that a server does not take."""

    def __init__(self, path: Path, file: sqlite3.Connection) -> None:
        self._path, self._file = path, file
        self.replaced: dict[str, int] = {}
        self.grown: dict[str, int] = {}
        """By table: bytes that its texts are longer for what was replaced."""
        self._table = ""
        file.text_factory = self._clean
        names = [row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        self._columns = {
            name: tuple(row[1] for row in file.execute(f"PRAGMA table_info({quoted(name)})")) for name in names
        }

    def matching(self, shapes: Sequence[Shape]) -> list[Shape]:
        """Those that are here too, with the columns that are here. Raises StorageError where one has no place there."""
        found = []
        for shape in shapes:
            here = self._columns.get(shape.name, ())
            if lost := set(here) - {column.name for column in shape.columns}:
                raise StorageError(
                    f"表 {shape.name} 的 {'、'.join(sorted(lost))} 在服务器上没有地方放，没有搬："
                    "插件的版本要和文件一致 (no such column there)"
                )
            if here:
                found.append(Shape(shape.name, tuple(each for each in shape.columns if each.name in here)))
        return found

    def unknown(self, tables: Sequence[str]) -> dict[str, int]:
        """Other tables that have rows: no plugin here knows them."""
        known = {"alembic_version", *tables}
        strange = [name for name in self._columns if not name.startswith(("sqlite_", "messages_fts"))]
        ask = "SELECT count(*) FROM {}"
        counts = {name: self._file.execute(ask.format(quoted(name))).fetchone()[0] for name in strange}
        return {name: count for name, count in counts.items() if count and name not in known}

    def last_number(self, table: str) -> int:
        """The highest that was ever given out, where the file remembers it."""
        if "sqlite_sequence" not in self._columns:
            return 0
        row = self._file.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
        return int(row[0] or 0)

    def pieces(self, shape: Shape) -> Iterator[list[tuple[Any, ...]]]:
        """The rows as the server's columns take them. Raises StorageError for one that they do not."""
        self._table = shape.name
        say = [self._saying(column) for column in shape.columns]
        names = ", ".join(column.quoted for column in shape.columns)
        with in_plain_words(self._path):
            cursor = self._file.execute(f"SELECT {names} FROM {quoted(shape.name)}")  # noqa: S608  out of a catalogue
            while rows := cursor.fetchmany(CHUNK):
                yield [tuple([each(value) for each, value in zip(say, row, strict=True)]) for row in rows]

    def _saying(self, column: Column) -> Callable[[Any], Any]:
        try:
            say = said_to(column)
        except KeyError:
            raise StorageError(f"表 {self._table} 的 {column.name} 是 {column.type}，不会搬 (unknown type)") from None

        def said(value: Any) -> Any:
            try:
                if isinstance(value, bytes) and column.type != "bytea":
                    value = self._clean(value)
                return None if value is None else say(value)
            except (ValueError, TypeError, ArithmeticError):
                raise StorageError(
                    f"表 {self._table} 的 {column.name} 里有一个值不是 {column.type}，没有搬 (a value of another type)"
                ) from None

        return said

    def _clean(self, raw: bytes) -> str:
        """A text of the file: a server takes no NUL, and nothing that is not UTF-8."""
        if b"\0" not in raw:
            try:
                return raw.decode()
            except UnicodeDecodeError:
                pass
        said = raw.decode(errors="replace").replace("\0", _MARK)
        replaced = said.count(_MARK) - raw.count(_MARK.encode())
        self.replaced[self._table] = self.replaced.get(self._table, 0) + replaced
        self.grown[self._table] = self.grown.get(self._table, 0) + len(said.encode()) - len(raw)
        return said


def sums_of(path: Path, shapes: Sequence[Shape]) -> dict[str, Sums]:
    """By table, asked on a connection of its own."""
    with in_plain_words(path), closing(connect(path)) as file:
        return {shape.name: file.execute(shape.sums("length(CAST({} AS BLOB))")).fetchone() for shape in shapes}


def stamp(sums: dict[str, Sums]) -> str:
    """Stands for what the file holds."""
    return hashlib.sha256(repr(sorted(sums.items())).encode()).hexdigest()
