"""Storage: the one writer. Units that wait at the same time share a commit; none is acknowledged before it.

A commit takes in units for `PATIENCE` at most, and each group has its lane: a group that floods, or an event that
costs a lot, makes the others wait for one commit, not for the whole queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.lanes import Lanes
from bot.storage.lease import Lost
from bot.storage.work import Broken, Work

log = logging.getLogger(__name__)
T = TypeVar("T")

PATIENCE = 0.025
"""Seconds of work after which a commit takes in no more units."""
AT_ONCE = 32
"""So many units are asked about together (`prepare`) and then done."""


@dataclass(slots=True)
class Job:
    """A unit of work in the queue. `keys` are its events' ids, so that a batch can be asked about at once."""

    run: Callable[[Work], Awaitable[Any]]
    done: asyncio.Future[Any]
    keys: Sequence[str] = ()
    lane: str = ""


Prepare = Callable[[AsyncConnection, Sequence[str]], Awaitable[None]]
Fence = Callable[[AsyncConnection], Awaitable[None]]


@dataclass(slots=True)
class Writer:
    """Runs units one after the other on one connection and commits them together.

    limit: how many units may share a commit. prepare: called with the keys of a batch before its first unit.
    forget: called when a transaction is lost, so that nobody keeps in memory what is not in the file.
    """

    engine: AsyncEngine
    limit: int = 256
    prepare: Prepare | None = None
    forget: list[Callable[[], None]] = field(default_factory=list)
    fence: Fence | None = None
    """Asked before each COMMIT on a server: is the transaction sound, may this process still write? Raises Lost."""
    on_lost: list[Callable[[str], None]] = field(default_factory=list)
    """Told why, once nothing can be written any more by this process."""
    commits: int = 0
    _lanes: Lanes[Job] = field(default_factory=Lanes)
    _task: asyncio.Task[None] | None = None
    _connection: AsyncConnection | None = None
    _ended: bool = False
    _lost: bool = False

    async def start(self) -> None:
        await self._reach()
        self._task = asyncio.create_task(self._loop(), name="writer")

    async def stop(self) -> None:
        """Finish what waits, then let go of the file. May be called twice."""
        if self._task is not None:
            await self._lanes.join()
        await self.kill()

    async def kill(self) -> None:
        """Let go at once: units not yet committed are lost, as when the process dies."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._end()
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(SQLAlchemyError, OSError):
                await connection.close()
        await self.engine.dispose()

    def _end(self) -> None:
        self._ended = True
        for job in self._lanes.drain():
            job.done.cancel()

    async def _reach(self) -> AsyncConnection:
        """The connection, made anew when a server has dropped it."""
        if self._connection is None:
            self._connection = await self.engine.connect()
        return self._connection

    @property
    def waiting(self) -> int:
        return self._lanes.waiting

    def submit(
        self, run: Callable[[Work], Awaitable[T]], keys: Sequence[str] = (), lane: str = ""
    ) -> asyncio.Future[T]:
        """Queue a unit; the future ends when it is on disk or with the unit's exception, cancelled after the end.

        Units of one lane (a group, a person in private) are done in their order; lanes take turns.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if self._ended:
            done.cancel()
        else:
            self._lanes.put(lane, Job(run, done, keys, lane))
        return done

    async def run(self, run: Callable[[Work], Awaitable[T]], keys: Sequence[str] = ()) -> T:
        """Do a unit and wait until it is on disk."""
        return await self.submit(run, keys)

    async def _loop(self) -> None:
        while True:
            await self._lanes.wait()
            batch = self._lanes.take(min(AT_ONCE, self.limit))
            try:
                await self._commit(batch, growing=True)
            finally:
                for job in batch:
                    job.done.cancel()
                self._lanes.done(len(batch))

    async def _commit(self, batch: list[Job], *, careful: bool = False, growing: bool = False) -> None:
        try:
            connection = await self._reach()
        except (SQLAlchemyError, OSError) as error:
            for job in batch:
                _fail(job, error)
            return
        root = Work(connection, careful=careful)
        try:
            outcomes = await self._transact(connection, root, batch, growing)
        except Spoiled as error:
            await self._abandon(connection, root)
            _fail(error.job, error.error)
            if rest := [job for job in batch if job is not error.job]:
                await self._commit(rest)
            return
        except Lost as error:
            await self._abandon(connection, root)
            self._lose(str(error))
            return
        except Exception as error:  # noqa: BLE001  whoever waits for the unit gets it
            await self._abandon(connection, root)
            if careful:
                _fail(batch[0], error.__cause__ or error if isinstance(error, Broken) else error)
                return
            try:
                await self._reach()
            except (SQLAlchemyError, OSError) as gone:
                for job in batch:
                    _fail(job, gone)
                return
            for job in batch:
                if not self._lost:
                    await self._commit([job], careful=True)
            return
        self.commits += 1
        for callback in root.after_commit:
            _call(callback)
        for job, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                _fail(job, outcome)
            elif not job.done.done():
                job.done.set_result(outcome)

    async def _transact(self, connection: AsyncConnection, root: Work, batch: list[Job], growing: bool) -> list[Any]:
        """Do the units of the batch and, if it may grow, those that come while there is time."""
        await connection.exec_driver_sql("BEGIN" if root.fragile else "BEGIN IMMEDIATE")
        began, outcomes, units = perf_counter(), list[Any](), list(batch)
        while units:
            if self.prepare is not None and (keys := [key for job in units for key in job.keys]):
                await self.prepare(connection, keys)
            for job in units:
                outcomes.append(await _attempt(root, job))
                if growing and perf_counter() - began > PATIENCE:
                    self._leave(batch, len(outcomes))
                    break
            if not growing or len(batch) >= self.limit or perf_counter() - began > PATIENCE or self._holds_up(batch):
                break
            units = self._lanes.take(min(AT_ONCE, self.limit - len(batch)))
            batch += units
        await root.flush()
        if self.fence is not None:
            await self.fence(connection)
        try:
            await connection.exec_driver_sql("COMMIT")
        except (SQLAlchemyError, OSError) as error:
            if connection.invalidated or isinstance(error, OSError):
                # What is on disk is known no more; a start reads it anew.
                raise Lost("数据库连接在提交的当口断了，重新启动从已写下的接着做 (lost while committing)") from error
            raise
        return outcomes

    def _leave(self, batch: list[Job], done: int) -> None:
        """What there is no time for waits for the next commit, in its place: a few that cost much delay nobody else."""
        for job in reversed(batch[done:]):
            self._lanes.put_back(job.lane, job)
        del batch[done:]

    def _lose(self, why: str) -> None:
        self._lost = True
        self._end()
        for tell in self.on_lost:
            tell(why)

    def _holds_up(self, batch: list[Job]) -> bool:
        """Whether only one lane still has something waiting, and others in the batch would wait for it."""
        return self._lanes.lanes < 2 and any(job.lane != batch[0].lane for job in batch)

    async def _abandon(self, connection: AsyncConnection, root: Work) -> None:
        with contextlib.suppress(SQLAlchemyError):
            try:
                await connection.exec_driver_sql("ROLLBACK")
            except OSError:
                # A line that breaks in the middle of a word: the driver passes it on as it is.
                await connection.invalidate()
        if connection.invalidated:
            self._connection = None
            with contextlib.suppress(SQLAlchemyError, OSError):
                await connection.close()
        for forget in (*reversed(root.on_rollback), *self.forget):
            forget()


class Spoiled(Exception):
    """A unit failed with its own exception after it had written to the shared transaction."""

    def __init__(self, job: Job, error: Exception) -> None:
        super().__init__(str(error))
        self.job, self.error = job, error


async def _attempt(root: Work, job: Job) -> Any:
    """The unit's result, or its exception as a value: its neighbours in the batch must not suffer."""
    work = Work(root.connection, root)
    try:
        result = await job.run(work)
        await work.release()
    except BaseException as error:
        touched = work.touched
        await work.rollback()
        if touched and isinstance(error, Exception) and not isinstance(error, SQLAlchemyError):
            raise Spoiled(job, error) from error
        if touched or isinstance(error, SQLAlchemyError) or not isinstance(error, Exception):
            raise
        return error
    return result


def _call(callback: Callable[[], None]) -> None:
    """A listener that fails must not end the writer, and the commit stands."""
    try:
        callback()
    except Exception:
        log.exception("a listener of a commit failed")


def _fail(job: Job, error: BaseException) -> None:
    if not job.done.done():
        job.done.set_exception(error)
