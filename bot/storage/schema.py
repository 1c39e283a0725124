"""Storage: bringing an account's schema on a server to this program's form; forward only, as with a file."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import StorageError
from bot.storage.backup import keep_newest
from bot.storage.dump import SUFFIX, dump
from bot.storage.migrate import KEPT, configuration
from bot.storage.revision import newest
from bot.storage.server import Server
from bot.storage.tables import metadata
from bot.storage.trouble import in_plain_words
from bot.storage.work import Work

log = logging.getLogger(__name__)
_SIZE = text(
    "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class "
    "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
)

# Numbers that people see have no gaps and never come twice: they are counted in the transaction that uses them.
GROUND = """
CREATE SCHEMA IF NOT EXISTS {schema};
CREATE TABLE IF NOT EXISTS {schema}.numbers (name TEXT PRIMARY KEY, last BIGINT NOT NULL);
CREATE OR REPLACE FUNCTION {schema}.next_number(of TEXT) RETURNS BIGINT LANGUAGE sql AS $$
    INSERT INTO {schema}.numbers AS n VALUES (of, 1) ON CONFLICT (name) DO UPDATE SET last = n.last + 1 RETURNING last
$$;
"""


async def revision_of(server: Server) -> str | None:
    """The revision the schema is at; None for an absent one. Raises StorageError when the server cannot be asked."""
    with in_plain_words(server.place):
        connection = await server.connect()
        try:
            there = await connection.fetchval("SELECT to_regclass($1)::text", f"{server.schema}.alembic_version")
            found = None if there is None else await connection.fetchval("SELECT version_num FROM alembic_version")
        finally:
            await connection.close()
    return None if found is None else str(found)


async def waiting(server: Server) -> list[str]:
    """The revisions that `upgrade` would apply, oldest first. Raises StorageError for one from a newer version."""
    current = await revision_of(server)
    if current == newest():
        return []
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(configuration())
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise StorageError(
            f"数据库 {server.place} 来自更新的版本（{current}），请升级程序 (the database is from a newer version)"
        )
    return [revision.revision for revision in script.iterate_revisions("head", current or "base")][::-1]


async def upgrade(server: Server, tables: list[Any] | None = None, copies: Path | None = None) -> list[str]:
    """Migrate the schema, made when absent; returns the revisions applied, oldest first.

    tables: of plugins that ship elsewhere, made when absent. copies: the folder for a copy of what is there before it
    is changed; where PostgreSQL's tools are missing there is none, and the log says so. Two that upgrade at once wait
    for each other. A revision that fails leaves the schema as it was before it. Raises StorageError.
    """
    from bot.storage.postgres import DIALECT

    applied = await waiting(server)
    if not applied and not tables:
        return []
    with in_plain_words(server.place):
        turn = await server.connect(f"shequn {server.account} upgrade")
        try:
            await turn.execute("SELECT pg_advisory_lock(hashtext($1))", server.schema)
            applied = await waiting(server)
            if applied and copies is not None:
                await _copy(server, turn, copies)
            if applied:
                await turn.execute(GROUND.format(schema=server.schema))
            engine = create_async_engine(f"{DIALECT}://", async_creator=server.connect, poolclass=NullPool)
            async with engine.connect() as connection:
                if applied:
                    await connection.run_sync(_migrate)
                rows = await turn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", server.schema)
                there = {row["tablename"] for row in rows}
                if missing := [table for table in tables or () if table.name not in there]:
                    await connection.run_sync(metadata.create_all, tables=missing)
                    await connection.commit()
            await engine.dispose()
        finally:
            with suppress(OSError):
                await turn.close()
    return applied


async def size_of(work: Work) -> int:
    """Bytes that the account's tables take, their indexes with them."""
    return int((await work.execute(_SIZE)).scalar_one())


async def _copy(server: Server, connection: Any, folder: Path) -> None:
    if await connection.fetchval("SELECT to_regclass($1)::text", f"{server.schema}.alembic_version") is None:
        return
    target = folder / f"{server.schema}-{datetime.now(UTC):%Y%m%dT%H%M%S}{SUFFIX}"
    try:
        await asyncio.to_thread(dump, server, target)
    except StorageError as error:
        log.warning("升级前没有备份：%s (upgrading without a copy)", error)
    keep_newest(folder, KEPT, SUFFIX)


def _migrate(connection: Connection) -> None:
    from alembic import command

    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
