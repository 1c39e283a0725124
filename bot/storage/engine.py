"""Storage: opening the database, a file or a server's: one connection that writes, a few that only read."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, StaticPool

from bot.storage.driver import use_one_trip
from bot.storage.server import Server

WRITER_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    "cache_size=-16384",
    "wal_autocheckpoint=2000",
    "journal_size_limit=67108864",
    "temp_store=MEMORY",
)
READER_PRAGMAS = ("foreign_keys=ON", "busy_timeout=5000", "query_only=ON", "cache_size=-8192")


def _with_pragmas(engine: AsyncEngine, pragmas: tuple[str, ...]) -> AsyncEngine:
    @event.listens_for(engine.sync_engine, "connect")
    def _set(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def open_writer(path: Path) -> AsyncEngine:
    """An engine with one connection, in driver autocommit: the Writer says BEGIN IMMEDIATE and COMMIT itself."""
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        poolclass=StaticPool,
        isolation_level="AUTOCOMMIT",
        query_cache_size=500,
        hide_parameters=True,  # they are what members said, and errors go to the log
    )
    return _with_pragmas(use_one_trip(engine), WRITER_PRAGMAS)


def open_reader(path: Path) -> AsyncEngine:
    """An engine whose connections cannot write; each read sees the last commit."""
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        poolclass=AsyncAdaptedQueuePool,
        pool_size=2,
        max_overflow=2,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
    )
    return _with_pragmas(engine, READER_PRAGMAS)


def open_server_writer(server: Server, name: str = "") -> AsyncEngine:
    """As `open_writer`, on a server. name: how the server lists the connection."""
    return _on_server(server, name, poolclass=StaticPool)


def open_server_reader(server: Server) -> AsyncEngine:
    """As `open_reader`, on a server."""
    pool = {"poolclass": AsyncAdaptedQueuePool, "pool_size": 2, "max_overflow": 2, "pool_pre_ping": True}
    return _on_server(server, f"shequn {server.account} reader", default_transaction_read_only="on", **pool)


def _on_server(server: Server, name: str, default_transaction_read_only: str = "off", **pool: Any) -> AsyncEngine:
    from bot.storage.postgres import DIALECT

    return create_async_engine(
        f"{DIALECT}://",
        async_creator=partial(server.connect, name, default_transaction_read_only=default_transaction_read_only),
        isolation_level="AUTOCOMMIT",
        query_cache_size=500,
        hide_parameters=True,
        **pool,
    )
