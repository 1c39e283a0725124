"""Test: migrations: from nothing to the newest form, never half, never backwards, with a copy of what was."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

import bot.storage.tables as core
from bot.build import migrate
from bot.errors import StorageError
from bot.storage.migrate import KEPT, back_up, head, revision_of, upgrade
from bot.storage.tables import Json, UtcDateTime, metadata
from tests.engine.stage import running_app

CORE = {table.name for table in vars(core).values() if getattr(table, "metadata", None) is metadata}


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "shequn.db"


def test_from_nothing_to_the_newest(path: Path):
    applied = upgrade(path)
    assert applied[-1] == head() == revision_of(path)
    assert tables(path) >= CORE
    assert not (path.parent / "backups").exists()


def test_what_is_up_to_date_stays_as_it_is(path: Path):
    upgrade(path)
    before = (path.stat().st_mtime_ns, path.read_bytes())
    assert upgrade(path) == []
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before


def test_an_empty_file_is_a_new_one(path: Path):
    path.parent.mkdir()
    path.touch()
    assert upgrade(path)


def test_a_newer_file_is_left_alone(path: Path):
    upgrade(path)
    sql(path, "UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(StorageError, match="更新的版本"):
        upgrade(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4080])
def test_garbage_is_left_alone(path: Path, content: bytes):
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"[\u4e00-\u9fff]"):
        upgrade(path)
    assert path.read_bytes() == content


def test_a_folder_in_the_place_of_the_file(path: Path):
    path.mkdir(parents=True)
    with pytest.raises(StorageError, match=r"[\u4e00-\u9fff]"):
        upgrade(path)


def test_a_file_in_the_place_of_the_folder(path: Path):
    path.parent.write_text("in the way")
    with pytest.raises(StorageError, match=r"[\u4e00-\u9fff]"):
        upgrade(path)


def test_a_migration_that_breaks_leaves_the_file_as_it_was(path: Path):
    path.parent.mkdir()
    sql(path, "CREATE TABLE transfers (mine TEXT)", "INSERT INTO transfers VALUES ('kept')")
    with pytest.raises(StorageError, match="升级失败") as told:
        upgrade(path)
    assert "备份" not in str(told.value), "of a file that never was the bot's there is none"
    assert tables(path) - {"alembic_version"} == {"transfers"}
    sql(path, "DROP TABLE transfers")
    assert upgrade(path)
    assert tables(path) >= CORE


def test_a_copy_is_made_before_a_migration_and_seven_are_kept(path: Path, monkeypatch: pytest.MonkeyPatch):
    upgrade(path)
    sql(path, "INSERT INTO installation VALUES ('seed', 'precious')")
    backups = path.parent / "backups"
    backups.mkdir()
    for day in range(1, 12):
        (backups / f"shequn-202001{day:02}T000000.db").write_bytes(b"old")
    (backups / "other.db").write_bytes(b"not ours")
    copy = back_up(path)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT value FROM installation").fetchall() == [("precious",)]
    kept = sorted(backups.glob("shequn-*.db"))
    assert len(kept) == KEPT == 7
    assert kept[-1] == copy
    assert (backups / "other.db").exists()


def test_a_copy_that_cannot_be_made_stops_it(path: Path):
    upgrade(path)
    (path.parent / "backups").write_text("in the way")
    with pytest.raises(StorageError, match="备份"):
        back_up(path)


def test_the_migrations_make_what_the_models_say(path: Path):
    """`make` a revision when this fails: the tables of the code and of the file differ."""
    upgrade(path)
    engine = create_engine(f"sqlite:///{path}")

    def ours(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        return kind != "table" or name in CORE

    def same_type(_context, _column, _model_column, _reflected, model) -> bool | None:
        return False if isinstance(model, UtcDateTime | Json) else None

    with engine.connect() as connection:
        options = {"include_object": ours, "compare_type": same_type}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_tables_of_plugins_from_elsewhere_are_made(path: Path):
    from sqlalchemy import Column, Integer, Table

    from tests.engine.stage import make_plugin

    table = Table("elsewhere_things", metadata, Column("id", Integer, primary_key=True))
    try:
        migrate(path, [make_plugin("elsewhere", tables=(table,))])
        migrate(path, [make_plugin("elsewhere", tables=(table,))])
        assert "elsewhere_things" in tables(path)
    finally:
        metadata.remove(table)


async def test_a_bot_lives_on_a_file_made_from_nothing(tmp_path: Path):
    upgrade(tmp_path / "shequn.db")
    async with running_app(tmp_path) as stage:
        await stage.say("say 你好")
        assert stage.far.texts() == ["你好"]
