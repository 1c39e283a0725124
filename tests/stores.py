"""Test: where a test keeps its tables: a file, or a database on a server while the fixture `both` says so."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sqlalchemy import MetaData, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.engine import open_reader, open_server_reader, open_server_writer, open_writer
from bot.storage.lease import is_sound
from bot.storage.ledger_check import Audit, audit, audit_server, rebuild_days, rebuild_server_days
from bot.storage.migrate import upgrade
from bot.storage.server import Server
from bot.storage.writer import Writer

if TYPE_CHECKING:
    from tests.postgres import Cluster

cluster: Cluster | None = None
"""Set by `both`."""
_servers: dict[Path, Server] = {}


def server_at(path: Path) -> Server | None:
    """What takes this file's place; None when it is the file itself."""
    return _servers.get(path) if cluster is not None else None


def stand_in(path: Path, server: Server, on: Cluster) -> None:
    """From now on this server takes the file's place."""
    global cluster
    cluster = on
    _servers[path] = server


def forget() -> None:
    """The test is over; its databases may be used again."""
    global cluster
    if cluster is not None:
        cluster.take_back()
    _servers.clear()
    cluster = None


async def make_migrated(path: Path) -> Server | None:
    """The tables in their first form, unless they are there already."""
    _put(path, migrated=cluster is None)
    if cluster is None:
        return None
    if path not in _servers:
        _servers[path] = await cluster.fresh()
    return _servers[path]


def _put(path: Path, *, migrated: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if migrated and not path.exists():
        path.write_bytes(fresh_file())


async def make(path: Path, tables: MetaData) -> None:
    """Only these tables, on an empty database."""
    if cluster is None:
        engine = create_engine(f"sqlite:///{path}")
        tables.create_all(engine)
        engine.dispose()
        return
    server = _servers[path] = await cluster.fresh()
    engine_there = open_server_writer(server)
    async with engine_there.begin() as connection:
        await connection.run_sync(tables.create_all)
    await engine_there.dispose()


def engine_at(path: Path) -> AsyncEngine:
    server = server_at(path)
    return open_writer(path) if server is None else open_server_writer(server)


def reader_at(path: Path) -> AsyncEngine:
    server = server_at(path)
    return open_reader(path) if server is None else open_server_reader(server)


def writer_at(path: Path, **options: Any) -> Writer:
    """A writer, not started."""
    return Writer(engine_at(path), fence=None if server_at(path) is None else is_sound, **options)


def ask(path: Path, statement: str) -> list[Any]:
    """What a stranger reads there, or does, at this moment."""
    server = server_at(path)
    if server is None:
        with closing(sqlite3.connect(path)) as db, db:
            return db.execute(statement).fetchall()
    return _apart(_ask(server, statement))


def audit_at(path: Path) -> Audit:
    server = server_at(path)
    return audit(path) if server is None else _apart(audit_server(server))


def rebuild_days_at(path: Path) -> int:
    server = server_at(path)
    return rebuild_days(path) if server is None else _apart(rebuild_server_days(server))


async def _ask(server: Server, statement: str) -> list[Any]:
    connection = await server.connect()
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


def _apart(what: Coroutine[Any, Any, Any]) -> Any:
    """In a loop of its own: whoever asks may be in the middle of another."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, what).result()


@cache
def fresh_file() -> bytes:
    """A database in its first form. Migrating takes most of a second, so all tests but the migration's share this."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fresh.db"
        upgrade(path)
        return path.read_bytes()
