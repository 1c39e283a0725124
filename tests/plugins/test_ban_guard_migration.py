"""Test: migration: who was on one group's blacklist is on the one list of all groups afterwards."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command

from bot.storage import migrate


def test_the_blacklists_become_one(tmp_path: Path) -> None:
    path = tmp_path / "shequn.db"
    command.upgrade(migrate.configuration(path), "0002")
    notes = [("ban_guard", "g1", "ban:w1", "3"), ("ban_guard", "g2", "ban:w1", "5"), ("ban_guard", "g2", "other", "x")]
    with closing(sqlite3.connect(path)) as db, db:
        db.executemany('INSERT INTO notes (plugin, "group", key, value) VALUES (?, ?, ?, ?)', notes)
    migrate.upgrade(path)
    with closing(sqlite3.connect(path)) as db:
        kept = sorted(db.execute('SELECT plugin, "group", key, value FROM notes'))
    assert kept == [("ban_guard", "g2", "other", "x"), ("blacklist", "", "w1", "3")]
