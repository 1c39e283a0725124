"""Storage: which form a database file has, asked without the migration tool, which takes long to load."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.shipped import shipped


def newest() -> str:
    """The revision this program works with: the number that the last file of the shipped migrations starts with."""
    return max(path.name.partition("_")[0] for path in (shipped("migrations") / "versions").glob("[0-9]*_*.py"))


def is_current(path: Path) -> bool:
    """Whether the file certainly has this program's form; a file that cannot be asked certainly has not."""
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(newest(),)]
    except sqlite3.Error:
        return False
