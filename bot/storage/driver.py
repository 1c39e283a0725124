"""Storage: one trip to SQLite's thread per statement.

SQLAlchemy's cursor for aiosqlite makes four: open, execute, fetch, close, at about 40 µs each. Here one function does
all four in the thread. It rests on internals of SQLAlchemy 2.1 (hence its upper bound in pyproject) and is only used
for the writer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from sqlite3 import Connection
from typing import Any

from sqlalchemy import event
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import EMPTY_DICT


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a statement left, read in the thread that ran it."""

    description: Any = None
    rows: Sequence[Any] = ()
    rowcount: int = -1
    lastrowid: int = 0


def _execute(connection: Connection, operation: str, parameters: Any) -> Outcome:
    cursor = connection.execute(operation, parameters)
    try:
        rows = cursor.fetchall() if cursor.description else ()
        return Outcome(cursor.description, rows, cursor.rowcount, cursor.lastrowid or 0)
    finally:
        cursor.close()


def _execute_many(connection: Connection, operation: str, parameters: Any) -> Outcome:
    cursor = connection.executemany(operation, parameters)
    try:
        return Outcome(None, (), cursor.rowcount, cursor.lastrowid or 0)
    finally:
        cursor.close()


class OneTripCursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that exists only inside the statement; what it found is kept here."""

    __slots__ = ()

    def __init__(self, adapt_connection: Any) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._cursor: Any = Outcome()
        self._soft_closed_memoized = EMPTY_DICT
        self._rows = deque()

    async def _async_soft_close(self) -> None:
        return

    def close(self) -> None:
        self._rows.clear()

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        await self._trip(_execute, operation, () if parameters is None else parameters)
        self._rows = deque(self._cursor.rows)
        return self

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        await self._trip(_execute_many, operation, seq_of_parameters)
        return self

    async def _trip(self, run: Callable[[Connection, str, Any], Outcome], operation: str, parameters: Any) -> None:
        async with self._adapt_connection._execute_mutex:
            connection: Any = self._connection
            self._cursor = await connection._execute(partial(run, connection._conn, operation, parameters))


class OneTripConnection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()

    _cursor_cls = OneTripCursor


def use_one_trip(engine: AsyncEngine) -> AsyncEngine:
    """Let the engine's connections make one trip per statement."""

    @event.listens_for(engine.sync_engine, "do_connect")
    def _connect(dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        plain = dialect.dbapi.connect(*arguments, **options)
        return OneTripConnection(dialect.dbapi, plain._connection)

    return engine
