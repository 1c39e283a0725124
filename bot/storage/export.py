"""Storage: every table as CSV for people and as JSON lines for programs."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from bot.storage.server import Server
from bot.storage.trouble import connect, explain, in_plain_words

HELD_BACK = {"installation", "alembic_version", "numbers", "console_users", "console_sessions"}
"""`installation` holds the secret that draws are seeded from, the others open the console."""
INDEX = "messages_fts"
"""The full-text index: its tables hold nothing that is not in `messages`."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With the wide ones: spreadsheets in Chinese and Japanese read them alike."""


def export(path: Path, folder: Path) -> dict[str, int]:
    """Write `<table>.csv` and `<table>.jsonl` of every table into `folder`; says how many rows each had.

    Times become ISO 8601 in UTC. CSV has a byte order mark for spreadsheets, and a text that a spreadsheet would
    take for a formula gets an apostrophe: names and messages come from strangers. JSON lines are to the letter.
    """
    counts: dict[str, int] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(connect(path)) as connection:
            connection.execute("BEGIN")
            for table in _tables(connection):
                counts[table] = _write(connection, table, folder)
    except (sqlite3.Error, OSError) as error:
        raise explain(folder if isinstance(error, OSError) else path, error) from error
    return counts


def _tables(connection: sqlite3.Connection) -> list[str]:
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    return [str(row[0]) for row in names if row[0] not in HELD_BACK and not row[0].startswith(INDEX)]


def _write(connection: sqlite3.Connection, table: str, folder: Path) -> int:
    quoted = table.replace('"', '""')
    cursor = connection.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 (a name out of sqlite_master, quoted)
    with Sheets(folder, table, [str(column[0]) for column in cursor.description]) as sheets:
        while rows := cursor.fetchmany(1000):
            sheets.add(rows)
        return sheets.count


async def export_server(server: Server, folder: Path) -> dict[str, int]:
    """The same of an account on a server, as it is at one moment."""
    counts: dict[str, int] = {}
    with in_plain_words(server.place):
        connection = await server.connect()
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                names = await connection.fetch(
                    "SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY 1", server.schema
                )
                for (table,) in names:
                    if table not in HELD_BACK and not table.startswith(INDEX):
                        counts[table] = await _copy(connection, table, folder)
        finally:
            await connection.close()
    return counts


async def _copy(connection: Any, table: str, folder: Path) -> int:
    quoted = table.replace('"', '""')
    statement = await connection.prepare(f'SELECT * FROM "{quoted}"')  # noqa: S608 (a name out of pg_tables, quoted)
    with Sheets(folder, table, [column.name for column in statement.get_attributes()]) as sheets:
        cursor = await statement.cursor()
        while rows := await cursor.fetch(1000):
            sheets.add(rows)
        return sheets.count


class Sheets:
    """The two files of one table, while they are written."""

    def __init__(self, folder: Path, table: str, columns: list[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._columns, self.count = columns, 0
        self._timed = [name == "at" or name.endswith("_at") for name in columns]
        self._open = ExitStack()
        sheet = self._open.enter_context((folder / f"{table}.csv").open("w", encoding="utf-8-sig", newline=""))
        self._lines = self._open.enter_context((folder / f"{table}.jsonl").open("w", encoding="utf-8"))
        self._sheet = csv.writer(sheet)
        self._sheet.writerow(columns)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._open.close()

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        for raw in rows:
            row = [_plain(value, is_time) for value, is_time in zip(raw, self._timed, strict=True)]
            self._sheet.writerow([safe_cell(value) for value in row])
            self._lines.write(json.dumps(dict(zip(self._columns, row, strict=True)), ensure_ascii=False) + "\n")
            self.count += 1


def _plain(value: Any, is_time: bool) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if is_time and isinstance(value, int):
        with suppress(ValueError, OverflowError, OSError):
            return datetime.fromtimestamp(value / 1000, UTC).isoformat(timespec="milliseconds")
    return value


def safe_cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
