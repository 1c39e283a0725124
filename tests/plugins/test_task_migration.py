"""Test: migration: tasks, their waiting notices and a group's own wording follow them out of the brief."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command

from bot.storage import migrate


def test_tasks_move_out_of_the_brief(tmp_path: Path) -> None:
    path = tmp_path / "shequn.db"
    command.upgrade(migrate.configuration(path), "0006")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO brief_task VALUES ('g1', 3, '2026-01-06', 1767657600000, '读完第三章', '管理员', 0)")
        timer = 'INSERT INTO timers (plugin, "group", name, due_at, payload) VALUES (?, ?, ?, ?, ?)'
        db.execute(timer, ("brief", "g1", "task:3", 1767657600000, '{"no":"3"}'))
        db.execute(timer, ("brief", "g1", "other", 1767657600000, "{}"))
        setting = 'INSERT INTO settings ("group", key, value, at, "by") VALUES (?, ?, ?, ?, ?)'
        db.execute(setting, ("g1", "brief.task_notice", '"该做 {任务} 了"', 0, "管理员"))
    migrate.upgrade(path)
    with closing(sqlite3.connect(path)) as db:
        assert list(db.execute('SELECT "group", no, text FROM task')) == [("g1", 3, "读完第三章")]
        assert sorted(db.execute("SELECT plugin, name FROM timers")) == [("brief", "other"), ("task", "task:3")]
        assert list(db.execute("SELECT key FROM settings")) == [("task.notice",)]
