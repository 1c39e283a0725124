"""Storage: a unit of work inside a shared transaction: it is kept whole or leaves nothing behind.

A trip to the database costs more than all of our own work for a message, and most units only add rows that nobody
reads back. So rows are buffered, and a savepoint is opened only when a part of a unit really writes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from functools import cache
from types import TracebackType
from typing import Any

from sqlalchemy import CursorResult, Executable, Table, insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncResult

Params = Mapping[str, Any]


class Broken(SQLAlchemyError):
    """The shared transaction cannot go on, through no fault of the part that met it; the cause says why.

    Either a row that somebody else had added cannot be written, or a part could not be undone.
    """


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

    def put_back(self, rows: dict[Executable, list[Params]]) -> None:
        """Before whatever waits now."""
        later, self.rows = self.rows, {statement: list(some) for statement, some in rows.items()}
        for statement, some in later.items():
            self.rows.setdefault(statement, []).extend(some)

    async def flush(self, connection: AsyncConnection) -> None:
        waiting, self.rows = self.rows, {}
        for statement, rows in waiting.items():
            await connection.execute(statement, rows)


class Work:
    """A unit of work, or a part of one that may fail alone.

    The root is the shared transaction. Its children are units: one that fails after it has written makes the writer
    do the whole batch again, each unit by itself, so units need no savepoint. Parts of a unit (`nested`) have one,
    opened with their first statement. Rows that are only added are buffered and rise to the root, written in bulk.

    after_commit: called once the shared transaction is on disk. on_rollback: called when this part is undone, the
    latest first. touched: whether a unit has written to the file. careful: a part writes its rows before it ends, so
    that a bad row fails the part it came from. fragile: any statement that fails, a read too, spoils the transaction
    back to the last savepoint, as on a server; a careful part then has one before its first statement.
    """

    __slots__ = (
        "_borrowed",
        "_buffer",
        "_depth",
        "_open",
        "_parent",
        "after_commit",
        "careful",
        "connection",
        "fragile",
        "on_rollback",
        "touched",
    )

    def __init__(self, connection: AsyncConnection, parent: Work | None = None, *, careful: bool = False) -> None:
        self.connection = connection
        self.careful: bool = careful if parent is None else parent.careful
        self.fragile: bool = connection.dialect.name != "sqlite" if parent is None else parent.fragile
        self._parent = parent
        self._depth: int = 0 if parent is None else parent._depth + 1
        self._open = self._depth < 2
        self._buffer = Buffer()
        self._borrowed: list[tuple[Work, dict[Executable, list[Params]]]] = []
        self.touched = False
        self.after_commit: list[Callable[[], None]] = []
        self.on_rollback: list[Callable[[], None]] = []

    def add(self, table: Table, row: Params) -> None:
        """Insert a row later in this transaction."""
        self._buffer.add(inserting(table), row)

    def later(self, statement: Executable, row: Params) -> None:
        """Run a statement with parameters later in this transaction, together with others of the same."""
        self._buffer.add(statement, row)

    def awaits(self, tables: Collection[Table]) -> bool:
        """Whether rows for one of these tables wait here or above."""
        if any(inserting(table) in self._buffer.rows for table in tables):
            return True
        return self._parent is not None and self._parent.awaits(tables)

    async def execute(self, statement: Executable, parameters: Any = None, *, alone: bool = False) -> CursorResult[Any]:
        """Run a statement now. It sees every row added before it; `alone`: nobody adds rows to its tables."""
        if not alone:
            await self._flush_all()
        if not statement.is_select:
            await self._ensure_open()
            self.touched = True
        elif self.fragile and self.careful:
            await self._ensure_open()
        try:
            return await self.connection.execute(statement, parameters)
        except SQLAlchemyError as error:
            if self.fragile and not (self._open and self._depth >= 2):
                raise Broken(str(error)) from error
            raise

    @asynccontextmanager
    async def streaming(self, statement: Executable, step: int) -> AsyncIterator[AsyncResult[Any]]:
        """Rows in pieces of `step`, for a reader: a server gives them only inside a transaction."""
        if self.fragile:
            await self.connection.exec_driver_sql("BEGIN")
        try:
            async with self.connection.stream(statement.execution_options(yield_per=step)) as rows:
                yield rows
        finally:
            if self.fragile:
                await self.connection.exec_driver_sql("ROLLBACK")

    def nested(self) -> Part:
        """A part that may fail alone: `async with work.nested() as inner`; an exception undoes it and goes on."""
        return Part(self)

    async def flush(self) -> None:
        """Write what is buffered; the writer calls it on the root before COMMIT."""
        await self._buffer.flush(self.connection)

    async def rollback(self) -> None:
        """Undo this part. Of a unit that has `touched` the file this undoes only what waits in memory."""
        self._buffer.rows = {}
        undo, self.on_rollback, self.after_commit = self.on_rollback, [], []
        try:
            if self._depth >= 2 and self._open:
                self._open = False
                await self.connection.exec_driver_sql(f"ROLLBACK TO s{self._depth}")
                await self.connection.exec_driver_sql(f"RELEASE s{self._depth}")
        finally:
            for owner, rows in self._borrowed:
                owner._buffer.put_back(rows)
            self._borrowed = []
            for back in reversed(undo):
                back()

    async def release(self) -> None:
        """Keep this part: it is its parent's from now on."""
        parent = self._parent
        assert parent is not None
        if self.careful and self._buffer.rows:
            await self._ensure_open()
            await self._buffer.flush(self.connection)
            self.touched = True
        if self._depth >= 2 and self._open:
            await self.connection.exec_driver_sql(f"RELEASE s{self._depth}")
            self._open = False
        parent._buffer.take(self._buffer)
        parent._borrowed += [(owner, rows) for owner, rows in self._borrowed if owner._depth < parent._depth]
        parent.touched = parent.touched or self.touched
        parent.after_commit += self.after_commit
        parent.on_rollback += self.on_rollback

    async def _ensure_open(self) -> None:
        if self._open or self._parent is None:
            return
        await self._parent._ensure_open()
        await self.connection.exec_driver_sql(f"SAVEPOINT s{self._depth}")
        self._open = True

    async def _flush_all(self) -> None:
        """Write what this part and those above it have buffered, each inside its own savepoint, the outermost first."""
        line: list[Work] = []
        owner: Work | None = self
        while owner is not None:
            line.insert(0, owner)
            owner = owner._parent
        for owner in line:
            if rows := owner._buffer.rows:
                await owner._ensure_open()
                inside = [part for part in line if part._open and part._depth > max(owner._depth, 1)]
                if inside:
                    # Were the innermost undone, these rows would go with it: they are only lent to it.
                    inside[-1]._borrowed.append((owner, rows))
                await self._flush(owner)

    async def _flush(self, owner: Work) -> None:
        owner.touched = True
        try:
            await owner._buffer.flush(self.connection)
        except (SQLAlchemyError, ValueError, ArithmeticError) as error:
            if owner is self:
                raise
            raise Broken(str(error)) from error


class Part:
    """What `Work.nested` gives; a class of its own because every handler of every message passes here.

    Most handlers find that a message is none of theirs and touch nothing, so the work begins when it is asked for.
    """

    __slots__ = ("_inner", "_parent")

    def __init__(self, parent: Work) -> None:
        self._parent = parent
        self._inner: Work | None = None

    @property
    def work(self) -> Work:
        if self._inner is None:
            self._inner = Work(self._parent.connection, self._parent)
        return self._inner

    async def __aenter__(self) -> Work:
        return self.work

    async def __aexit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is None:
            await self.keep()
        else:
            await self.undo(error)

    async def keep(self) -> None:
        """Let the parent have it. Undone as a whole when that fails."""
        if self._inner is None:
            return
        try:
            await self._inner.release()
        except BaseException as failure:
            await self.undo(failure)
            raise

    async def undo(self, error: BaseException) -> None:
        """Leave nothing behind of it. Raises Broken where that is no longer possible."""
        if self._inner is None:
            return
        try:
            await self._inner.rollback()
        except SQLAlchemyError:
            if isinstance(error, Exception):
                raise Broken(str(error)) from error
