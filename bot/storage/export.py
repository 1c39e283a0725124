"""Storage: every table as CSV for people and as JSON lines for programs."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.storage.trouble import connect, explain

HELD_BACK = {"installation", "alembic_version", "console_users", "console_sessions"}
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
        folder.mkdir(parents=True, exist_ok=True)
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
    columns = [str(column[0]) for column in cursor.description]
    count = 0
    with (
        (folder / f"{table}.csv").open("w", encoding="utf-8-sig", newline="") as sheet,
        (folder / f"{table}.jsonl").open("w", encoding="utf-8") as lines,
    ):
        writer = csv.writer(sheet)
        writer.writerow(columns)
        for row in _rows(cursor, columns):
            writer.writerow([safe_cell(value) for value in row])
            lines.write(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n")
            count += 1
    return count


def _rows(cursor: sqlite3.Cursor, columns: list[str]) -> Iterator[list[Any]]:
    timed = [name == "at" or name.endswith("_at") for name in columns]
    while rows := cursor.fetchmany(1000):
        for row in rows:
            yield [_plain(value, is_time) for value, is_time in zip(row, timed, strict=True)]


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
