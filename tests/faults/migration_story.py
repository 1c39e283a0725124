"""Test: an old file brought to the newest form by a process that is killed in the midst of it, again and again.

Run as `python -m tests.faults.migration_story FOLDER WORKER WORKERS KILLS`; what went wrong is printed.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from sqlite3 import dbapi2
from typing import Any

from alembic import command

from bot.storage.migrate import configuration, head, revision_of, upgrade
from tests.faults.dying import Steps, in_child

FIRST = "0001"
PIECE = 200
"""Instructions of SQLite's own machine between two steps: a process may die in the middle of a statement."""
ROWS = (
    "INSERT INTO installation VALUES ('seed', 'precious')",
    "INSERT INTO groups (id, topic, first_seen_at) VALUES ('g1', '读书群', 1)",
    """WITH RECURSIVE n(no) AS (SELECT 1 UNION ALL SELECT no + 1 FROM n WHERE no < 300)
       INSERT INTO messages (id, "group", sender, at, kind, text)
       SELECT 'msg:' || no, 'g1', 'w', no, 'text', '今天读到第' || no || '章了' FROM n""",
    "INSERT INTO transfers VALUES (1, 'k', 'g1', 1, 'admin', '加分', 'e1')",
    "INSERT INTO postings (transfer_id, account, points) VALUES (1, 'member:g1:w', 5), (1, 'bank:g1', -5)",
)


def old_file(folder: Path) -> bytes:
    """A database as the first release left it, with things in it."""
    path = folder / "old.db"
    command.upgrade(configuration(path), FIRST)
    with closing(sqlite3.connect(path)) as db, db:
        for statement in ROWS:
            db.execute(statement)
    content = path.read_bytes()
    path.unlink()
    return content


def watch(steps: Steps) -> None:
    """Every connection counts its steps, whoever opens it."""
    connect = sqlite3.connect

    def watched(*arguments: Any, **options: Any) -> sqlite3.Connection:
        found: sqlite3.Connection = connect(*arguments, **options)
        found.set_progress_handler(lambda: steps.pass_by("migration"), PIECE)
        return found

    sqlite3.connect = dbapi2.connect = watched  # type: ignore[assignment]
    steps.counting = True


def _upgrade(path: Path, steps: Steps) -> None:
    watch(steps)
    upgrade(path)
    (path.parent / "steps").write_text(str(steps.count), encoding="utf-8")


def _in_it(path: Path) -> list[Any]:
    """The form of the file and what has been in it from the first."""
    asked = (
        "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name",
        "SELECT * FROM installation",
        "SELECT id, topic, first_seen_at FROM groups",
        "SELECT count(*), min(text), max(text) FROM messages",
        "SELECT * FROM transfers",
        "SELECT transfer_id, account, points FROM postings",
    )
    with closing(sqlite3.connect(path)) as db:
        return [db.execute(question).fetchall() for question in asked]


def _problems(path: Path, known: list[Any]) -> Iterator[str]:
    if revision_of(path) != head():
        yield f"the file stays at {revision_of(path)}"
    if _in_it(path) != known:
        yield "its form or its rows differ"
    copies = sorted((path.parent / "backups").glob("shequn-*.db"))
    if not copies:
        yield "no copy of the old file"
    for copy in (path, *copies):
        with closing(sqlite3.connect(copy)) as db:
            try:
                if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                    yield f"{copy.name} is damaged"
                if db.execute("SELECT value FROM installation").fetchall() != [("precious",)]:
                    yield f"{copy.name} has lost its rows"
            except sqlite3.DatabaseError as error:
                yield f"{copy.name}: {error}"


def _prepare(folder: Path, content: bytes) -> Path:
    for old in folder.rglob("*.*"):
        old.unlink()
    path = folder / "shequn.db"
    path.write_bytes(content)
    return path


def main(folder: Path, worker: int, workers: int, kills: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    content = old_file(folder)
    path = _prepare(folder, content)
    if in_child(partial(_upgrade, path, Steps())):
        sys.stdout.write("migration: does not even work undisturbed\n")
    known, total = _in_it(path), int((folder / "steps").read_text(encoding="utf-8"))
    for number in range(worker, kills, workers):
        fatal = total * number // kills
        path = _prepare(folder, content)
        if not os.WIFSIGNALED(in_child(partial(_upgrade, path, Steps(fatal)))):
            sys.stdout.write(f"migration {fatal}: did not die\n")
        if in_child(partial(_upgrade, path, Steps())):
            sys.stdout.write(f"migration {fatal}: did not come to an end\n")
        for problem in _problems(path, known):
            sys.stdout.write(f"migration {fatal}/{total}: {problem}\n")
        sys.stdout.write(f"killed migration {fatal}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
