"""Test: copies of the database: sound, complete, restored with the old one kept, and exported without surprises."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.storage.backup import backup, check, keep_newest, restore
from bot.storage.export import export
from bot.storage.migrate import head, upgrade
from bot.storage.revision import is_current, newest

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "shequn.db"
    path.parent.mkdir()
    upgrade(path)
    say(path, "m1", "你好")
    return path


def say(path: Path, message: str, text: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            'INSERT INTO messages (id, "group", sender, at, kind, text) VALUES (?, ?, ?, ?, ?, ?)',
            (message, "g1", "小王", 1_767_600_000_123, "text", text),
        )
        connection.commit()


def texts(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM messages ORDER BY no")]


@pytest.fixture
def running_bot(database: Path) -> Iterator[sqlite3.Connection]:
    """Somebody who has the file open in WAL mode with something in the log, as the bot does."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("INSERT INTO handled (id, at) VALUES ('e1', 1)")
        yield connection


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for page in range(3, 12):
        content[page * 4096 : page * 4096 + 2048] = b"\xde" * 2048
    path.write_bytes(content)


class TestBackup:
    def test_it_holds_what_a_running_bot_has_committed(self, database: Path, running_bot: sqlite3.Connection) -> None:
        copy = database.parent / "copy.db"
        size = backup(database, copy)
        assert size == copy.stat().st_size > 0
        assert check(copy) == []
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("SELECT id FROM handled").fetchall() == [("e1",)]
        assert not list(database.parent.glob("*.part*"))
        running_bot.execute("INSERT INTO handled (id, at) VALUES ('e2', 1)")

    def test_it_overwrites_nothing(self, database: Path, tmp_path: Path) -> None:
        (tmp_path / "there.db").write_text("dear")
        with pytest.raises(StorageError, match="已经存在"):
            backup(database, tmp_path / "there.db")
        assert (tmp_path / "there.db").read_text() == "dear"

    def test_a_damaged_file_leaves_no_copy(self, database: Path, tmp_path: Path) -> None:
        damage(database)
        with pytest.raises(StorageError):
            backup(database, tmp_path / "copy.db")
        assert not (tmp_path / "copy.db").exists()

    def test_a_place_that_cannot_be_written(self, database: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(StorageError, match="file"):
            backup(database, tmp_path / "file" / "copy.db")

    def test_damage_is_found(self, database: Path) -> None:
        assert check(database) == []
        damage(database)
        try:
            problems = check(database)
        except StorageError as error:
            problems = [str(error)]
        assert problems

    def test_an_orphan_row_is_found(self, database: Path) -> None:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA foreign_keys=OFF")
            connection.execute("INSERT INTO postings (transfer_id, account, points) VALUES (99, 'a', 1)")
            connection.commit()
        assert any("postings" in line for line in check(database))


class TestRestore:
    def test_it_brings_the_copy_back_and_keeps_the_old_file(self, database: Path, tmp_path: Path) -> None:
        backup(database, tmp_path / "copy.db")
        say(database, "m2", "后来的话")
        kept = restore(tmp_path / "copy.db", database, NOW)
        assert texts(database) == ["你好"]
        assert kept == database.with_name("shequn.before-restore-20260105-093000.db")
        assert texts(kept) == ["你好", "后来的话"]
        assert texts(tmp_path / "copy.db") == ["你好"]

    def test_what_was_only_in_the_log_is_kept_too(self, database: Path, tmp_path: Path) -> None:
        backup(database, tmp_path / "copy.db")
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        say(database, "m2", "还在日志里")
        kept = restore(tmp_path / "copy.db", database, NOW)
        assert kept is not None
        assert texts(kept) == ["你好", "还在日志里"]
        assert not database.with_name("shequn.db-wal").exists()

    def test_not_under_a_running_bot(self, database: Path, tmp_path: Path, running_bot: sqlite3.Connection) -> None:
        backup(database, tmp_path / "copy.db")
        with pytest.raises(StorageError, match="先停掉正在运行的机器人"):
            restore(tmp_path / "copy.db", database, NOW)
        assert running_bot.execute("SELECT count(*) FROM handled").fetchone() == (1,)
        assert not list(tmp_path.rglob("*.part"))

    def test_over_a_damaged_file(self, database: Path, tmp_path: Path) -> None:
        backup(database, tmp_path / "copy.db")
        database.write_bytes(b"rubbish" * 1000)
        kept = restore(tmp_path / "copy.db", database, NOW)
        assert texts(database) == ["你好"]
        assert kept is not None
        assert kept.read_bytes().startswith(b"rubbish")

    def test_where_there_was_none(self, database: Path, tmp_path: Path) -> None:
        backup(database, tmp_path / "copy.db")
        assert restore(tmp_path / "copy.db", tmp_path / "new" / "shequn.db", NOW) is None
        assert texts(tmp_path / "new" / "shequn.db") == ["你好"]

    def test_strange_files_are_refused_and_change_nothing(self, database: Path, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("no database at all, " * 100)
        with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
            connection.execute("CREATE TABLE cats (name TEXT)")
        damaged = tmp_path / "damaged.db"
        backup(database, damaged)
        damage(damaged)
        for name, sentence in (
            ("none.db", "没有备份文件"),
            ("a.txt", "换一个备份"),
            ("other.db", "不是社群机器人的"),
            ("damaged.db", "damaged"),
        ):
            with pytest.raises(StorageError, match=sentence):
                restore(tmp_path / name, database, NOW)
        assert texts(database) == ["你好"]


class TestExport:
    def test_every_table_but_the_secret_one(self, database: Path, tmp_path: Path) -> None:
        counts = export(database, tmp_path / "out")
        assert counts["messages"] == 1
        assert "installation" not in counts
        assert {path.stem for path in (tmp_path / "out").iterdir()} == set(counts)

    def test_an_empty_installation_gives_the_same_bytes_after_a_restore(self, database: Path, tmp_path: Path) -> None:
        for number in range(50):
            say(database, f"x{number}", f"第 {number} 句，=1+1")
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("DELETE FROM messages WHERE no % 3 = 0")
            connection.execute("INSERT INTO groups (id, topic, size, first_seen_at) VALUES ('g1', '读书群', 3, 1)")
            connection.execute("INSERT INTO transfers VALUES (7, 'k', 'g1', 5, '小王', 'checkin', 'e1')")
            connection.execute("INSERT INTO postings VALUES (9, 7, 'g1/小王', 5), (12, 7, 'bank', -5)")
            connection.commit()
        backup(database, tmp_path / "copy.db")
        restore(tmp_path / "copy.db", tmp_path / "empty" / "shequn.db", NOW)
        counts = export(database, tmp_path / "before")
        assert export(tmp_path / "empty" / "shequn.db", tmp_path / "after") == counts
        assert counts["messages"] > 30
        for file in sorted((tmp_path / "before").iterdir()):
            assert file.read_bytes() == (tmp_path / "after" / file.name).read_bytes(), file.name

    def test_lines_are_to_the_letter_and_sheets_are_harmless(self, database: Path, tmp_path: Path) -> None:
        say(database, "m2", '=HYPERLINK("http://x","红包")')
        say(database, "m3", "两行\n和“引号”, 逗号 🐯")
        export(database, tmp_path / "out")
        lines = (tmp_path / "out" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        assert [row["text"] for row in rows] == ["你好", '=HYPERLINK("http://x","红包")', "两行\n和“引号”, 逗号 🐯"]
        assert rows[0]["at"] == "2026-01-05T08:00:00.123+00:00"
        with (tmp_path / "out" / "messages.csv").open(encoding="utf-8-sig", newline="") as sheet:
            cells = list(csv.DictReader(sheet))
        formula = "'" + '=HYPERLINK("http://x","红包")'
        assert [cell["text"] for cell in cells] == ["你好", formula, "两行\n和“引号”, 逗号 🐯"]


def test_old_backups_go_by_name(tmp_path: Path) -> None:
    for day in range(1, 6):
        (tmp_path / f"shequn-2026010{day}.db").touch()
    (tmp_path / "notes.txt").touch()
    assert [path.name for path in keep_newest(tmp_path, 3)] == ["shequn-20260101.db", "shequn-20260102.db"]
    assert len(list(tmp_path.iterdir())) == 4


def test_the_quick_look_at_the_form_agrees_with_the_migrations(database: Path, tmp_path: Path) -> None:
    assert newest() == head()
    assert is_current(database)
    assert not is_current(tmp_path / "nowhere.db")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
        connection.commit()
    assert not is_current(database)
