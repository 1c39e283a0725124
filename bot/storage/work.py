"""Storage: a unit of work inside a shared transaction: it is kept whole or leaves nothing behind.

A savepoint costs a trip to the database, and most units only add rows that nobody reads back. So rows are
buffered and a savepoint is opened only when a unit really talks to the database.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from sqlalchemy import CursorResult, Executable, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

Params = Mapping[str, Any]


@cache
def inserting(table: Table) -> Executable:
    return insert(table)


class Buffer:
    """Rows waiting to be written, by statement, in the order the statements first came."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: dict[Executable, list[Params]] = {}

    def add(self, statement: Executable, row: Params) -> None:
        rows = self.rows.get(statement)
        if rows is None:
            self.rows[statement] = [row]
        else:
            rows.append(row)

    def take(self, other: Buffer) -> None:
        for statement, rows in other.rows.items():
            self.rows.setdefault(statement, []).extend(rows)
        other.rows = {}

    async def flush(self, connection: AsyncConnection) -> None:
        waiting, self.rows = self.rows, {}
        for statement, rows in waiting.items():
            await connection.execute(statement, rows)


class Work:
    """One unit of work. `execute` sees everything written before it; `add` writes later, in bulk.

    after_commit: called once the shared transaction is on disk. on_rollback: called when this unit is undone.
    """

    __slots__ = ("_buffer", "_depth", "_open", "_parent", "after_commit", "connection", "on_rollback")

    def __init__(self, connection: AsyncConnection, parent: Work | None = None) -> None:
        self.connection = connection
        self._parent = parent
        self._depth: int = 0 if parent is None else parent._depth + 1
        self._open = parent is None
        self._buffer = Buffer()
        self.after_commit: list[Callable[[], None]] = []
        self.on_rollback: list[Callable[[], None]] = []

    def add(self, table: Table, row: Params) -> None:
        """Insert a row later in this transaction."""
        self._buffer.add(inserting(table), row)

    def later(self, statement: Executable, row: Params) -> None:
        """Run a statement with parameters later in this transaction, together with others of the same."""
        self._buffer.add(statement, row)

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement now."""
        if not statement.is_select or self._buffer.rows:
            await self._ensure_open()
        else:
            await self._flush_parents()
        await self._buffer.flush(self.connection)
        return await self.connection.execute(statement, parameters)

    @asynccontextmanager
    async def nested(self) -> AsyncIterator[Work]:
        """A part that may fail alone: an exception undoes it and goes on to the caller."""
        inner = Work(self.connection, self)
        try:
            yield inner
        except BaseException:
            await inner.rollback()
            raise
        await inner.release()

    async def flush(self) -> None:
        """Write what is buffered; the writer calls it on the root before COMMIT."""
        await self._buffer.flush(self.connection)

    async def rollback(self) -> None:
        self._buffer.rows = {}
        if self._open and self._parent is not None:
            await self.connection.exec_driver_sql(f"ROLLBACK TO s{self._depth}")
            await self.connection.exec_driver_sql(f"RELEASE s{self._depth}")
            self._open = False
        for undo in self.on_rollback:
            undo()
        self.after_commit = []

    async def release(self) -> None:
        parent = self._parent
        if parent is None:
            return
        if self._open:
            await self._buffer.flush(self.connection)
            await self.connection.exec_driver_sql(f"RELEASE s{self._depth}")
            self._open = False
        else:
            parent._buffer.take(self._buffer)
        parent.after_commit += self.after_commit
        parent.on_rollback += self.on_rollback

    async def _flush_parents(self) -> None:
        if self._parent is not None and (self._parent._buffer.rows or self._parent._depth):
            await self._parent._flush_parents()
            if self._parent._buffer.rows:
                await self._parent._ensure_open()
                await self._parent._buffer.flush(self.connection)

    async def _ensure_open(self) -> None:
        if self._open or self._parent is None:
            return
        await self._parent._ensure_open()
        await self._parent._buffer.flush(self.connection)
        await self.connection.exec_driver_sql(f"SAVEPOINT s{self._depth}")
        self._open = True
