"""Test: an account's schema on a server: migrated like the file, apart from other accounts', never from the future."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text

from bot.errors import StorageError
from bot.loader import find_plugins
from bot.storage.dump import dump, restore
from bot.storage.engine import open_server_writer
from bot.storage.revision import newest
from bot.storage.schema import GROUND, revision_of, upgrade, waiting
from bot.storage.server import Server
from bot.storage.tables import metadata
from tests.engine.stage import START

COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, replace(column_default, $1 || '.', '')
FROM information_schema.columns WHERE table_schema = $1
AND table_name NOT IN ('alembic_version', 'messages_fts', 'numbers') ORDER BY 1, 2"""
INDEXES = """
SELECT tablename, indexname, replace(indexdef, $1 || '.', '') FROM pg_indexes
WHERE schemaname = $1 AND tablename NOT IN ('alembic_version', 'messages_fts', 'numbers') ORDER BY 1, 2"""
CHECKS = """
SELECT r.relname, c.conname, c.contype::text, replace(pg_get_constraintdef(c.oid), $1 || '.', '') FROM pg_constraint c
JOIN pg_class r ON r.oid = c.conrelid WHERE c.connamespace = $1::regnamespace
AND r.relname NOT IN ('alembic_version', 'messages_fts', 'numbers') ORDER BY 1, 2"""


async def ask(server: Server, statement: str, *values: Any) -> list[Any]:
    connection = await server.connect()
    try:
        return [tuple(row) for row in await connection.fetch(statement, *values)]
    finally:
        await connection.close()


@pytest.mark.parametrize("question", [COLUMNS, INDEXES, CHECKS], ids=["columns", "indexes", "constraints"])
async def test_migrations_and_tables_agree(server: Server, question: str):
    made = replace(server, account="made")
    connection = await server.connect()
    await connection.execute(GROUND.format(schema=made.schema))
    await connection.close()
    find_plugins()
    engine = open_server_writer(made)
    async with engine.begin() as writing:
        await writing.run_sync(metadata.create_all)
    await engine.dispose()
    migrated = await ask(server, question, server.schema)
    assert len(migrated) > 50
    assert migrated == await ask(made, question, made.schema)


async def test_a_new_account_is_made_whole_and_nothing_is_done_twice(server: Server):
    other = replace(server, account="second")
    assert await revision_of(other) is None
    assert (await upgrade(other))[-1] == newest() == await revision_of(other)
    assert await waiting(other) == await upgrade(other) == []
    await ask(other, "INSERT INTO installation VALUES ('seed', 'mine')")
    assert await ask(server, "SELECT * FROM installation") == []


async def test_two_that_upgrade_at_once_wait_for_each_other(server: Server):
    other = replace(server, account="second")
    applied = await asyncio.gather(upgrade(other), upgrade(other))
    assert sorted(map(bool, applied)) == [False, True]


async def test_tables_of_plugins_that_ship_elsewhere_are_made(server: Server):
    own = MetaData()
    table = Table("elsewhere_line", own, Column("no", Integer, primary_key=True), Column("text", Text, nullable=False))
    for _ in range(2):
        await upgrade(server, [table])
    await ask(server, "INSERT INTO elsewhere_line (text) VALUES ('x')")
    assert await ask(server, "SELECT no, text FROM elsewhere_line") == [(1, "x")]


async def test_a_newer_schema_is_refused(server: Server):
    await ask(server, "UPDATE alembic_version SET version_num = '9999'")
    try:
        with pytest.raises(StorageError, match="更新的版本"):
            await upgrade(server)
    finally:
        await ask(server, "UPDATE alembic_version SET version_num = $1", newest())


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://u:geheim@127.0.0.1:1/x", "连不上"),
        ("postgresql://u:geheim@nowhere.invalid/x", "连不上"),
        ("{}/no_such_database", "没有这个数据库"),
    ],
)
async def test_a_server_that_cannot_be_used_is_said_in_one_sentence(server: Server, url: str, sentence: str):
    wrong = Server(url.format(server.url.rpartition("/")[0]))
    with pytest.raises(StorageError, match=sentence) as caught:
        await upgrade(wrong)
    assert "geheim" not in f"{caught.value} {wrong!r}"


async def test_a_copy_is_verified_and_put_back_and_the_old_tables_stay(server: Server, tmp_path: Path):
    await ask(server, "INSERT INTO installation VALUES ('seed', 'before')")
    copy = tmp_path / "copy.dump"
    assert await asyncio.to_thread(dump, server, copy) == copy.stat().st_size
    with pytest.raises(StorageError, match="已经存在"):
        await asyncio.to_thread(dump, server, copy)
    await ask(server, "UPDATE installation SET value = 'after'")
    aside = await restore(server, copy, START)
    assert await ask(server, "SELECT value FROM installation") == [("before",)]
    old = Server(server.url, aside.removeprefix("shequn_"))
    assert await ask(old, "SELECT value FROM installation") == [("after",)]
    case = "(DEFAULT, 'g', 'm', 'n', 'p', 'v', 'open', 'dry', 1, NULL, '[]', '', '', '')"
    assert await ask(server, f"INSERT INTO cases VALUES {case} RETURNING no") == [(1,)]  # noqa: S608  all words are ours


async def test_what_is_no_copy_changes_nothing(server: Server, tmp_path: Path):
    (tmp_path / "some.dump").write_bytes(b"PGDMP nonsense")
    await ask(server, "INSERT INTO installation VALUES ('seed', 'mine')")
    with pytest.raises(StorageError):
        await restore(server, tmp_path / "some.dump", START)
    with pytest.raises(StorageError, match="没有备份文件"):
        await restore(server, tmp_path / "none.dump", START)
    assert await ask(server, "SELECT value FROM installation") == [("mine",)]
