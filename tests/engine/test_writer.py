"""Test: the writer: units share commits, fail alone, wait out a full disk, and die without a trace."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from itertools import chain
from pathlib import Path
from time import perf_counter

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from bot.storage.work import Work
from bot.storage.writer import PATIENCE, Writer
from tests import stores

metadata = MetaData()
lines = Table("lines", metadata, Column("id", Integer, primary_key=True), Column("text", Text, nullable=False))


@pytest.fixture
async def path(tmp_path: Path, both: object) -> Path:
    await stores.make(tmp_path / "some.db", metadata)
    return tmp_path / "some.db"


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[Writer]:
    writer = stores.writer_at(path)
    await writer.start()
    yield writer
    await writer.stop()


def adds(number: int, text: str = "x"):
    async def unit(work: Work) -> int:
        work.add(lines, {"id": number, "text": text})
        return number

    return unit


def inserts(number: int, text: str = "x"):
    async def unit(work: Work) -> int:
        await work.execute(insert(lines).values(id=number, text=text))
        return number

    return unit


def kept(path: Path) -> list[int]:
    """What a stranger reads in the file."""
    return [row[0] for row in stores.ask(path, "SELECT id FROM lines ORDER BY id")]


async def test_units_that_wait_together_share_a_commit(writer: Writer, path: Path):
    results = await asyncio.gather(*(writer.submit(adds(n)) for n in range(500)))
    assert results == list(range(500))
    assert kept(path) == list(range(500))
    assert writer.commits <= 4


async def test_no_unit_is_acknowledged_before_its_commit(writer: Writer, path: Path):
    for number in range(5):
        await writer.run(inserts(number))
        assert kept(path)[-1] == number


async def test_no_more_than_limit_units_share_a_commit(path: Path):
    writer = stores.writer_at(path, limit=10)
    await writer.start()
    await asyncio.gather(*(writer.submit(adds(n)) for n in range(100)))
    assert writer.commits >= 10
    await writer.stop()


async def test_lanes_take_turns_and_each_keeps_its_order(writer: Writer):
    order: list[tuple[str, int]] = []

    def notes(lane: str, number: int):
        async def note(work: Work) -> None:
            order.append((lane, number))

        return writer.submit(note, lane=lane)

    jobs = [notes("loud", number) for number in range(500)]
    jobs += [notes("quiet", number) for number in range(3)]
    await asyncio.gather(*jobs)
    assert [number for lane, number in order if lane == "loud"] == list(range(500))
    assert [order.index(("quiet", number)) for number in range(3)] == [1, 3, 5]


async def test_what_comes_while_a_commit_is_made_joins_it_only_while_there_is_time(writer: Writer):
    """A unit that takes long ends the batch it is in; what came meanwhile waits for one commit."""
    commits: list[int] = []

    async def slow(work: Work) -> None:
        began = perf_counter()
        writer.submit(quick, lane="other")
        while perf_counter() - began <= PATIENCE:
            pass

    async def quick(work: Work) -> None:
        commits.append(writer.commits)

    async def first(work: Work) -> None:
        writer.submit(quick, lane="other")

    await writer.submit(first)
    await writer.run(quick)
    assert commits == [0, 1]
    commits.clear()
    before = writer.commits
    await writer.submit(slow)
    await writer.run(quick)
    assert commits == [before + 1, before + 1]


async def test_what_was_taken_and_found_no_time_is_first_in_the_next_commit(writer: Writer):
    done: list[tuple[str, int]] = []

    def slow(lane: str):
        async def work(work: Work) -> None:
            done.append((lane, writer.commits))
            began = perf_counter()
            while perf_counter() - began <= PATIENCE:
                pass

        return writer.submit(work, lane=lane)

    jobs = [slow("loud"), slow("loud"), slow("quiet"), slow("loud")]
    await jobs[0]
    jobs.append(slow("late"))
    await asyncio.gather(*jobs)
    assert done == [("loud", 0), ("quiet", 1), ("loud", 2), ("late", 3), ("loud", 4)]
    await writer.stop()
    assert writer.waiting == 0


@pytest.mark.parametrize("good", [adds, inserts])
@pytest.mark.parametrize("before", [adds, inserts])
async def test_a_failing_unit_leaves_nothing_and_harms_nobody(writer: Writer, path: Path, good, before):
    async def fails(work: Work) -> None:
        await before(1000)(work)
        raise LookupError("mine alone")

    jobs = [writer.submit(good(n)) for n in range(10)]
    jobs.insert(5, writer.submit(fails))
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert isinstance(results.pop(5), LookupError)
    assert results == list(range(10))
    assert kept(path) == list(range(10))


async def test_a_buffered_row_that_breaks_a_constraint_fails_only_its_unit(writer: Writer, path: Path):
    await writer.run(adds(3))
    results = await asyncio.gather(*(writer.submit(adds(n)) for n in range(6)), return_exceptions=True)
    assert isinstance(results[3], IntegrityError)
    assert [r for r in results if not isinstance(r, Exception)] == [0, 1, 2, 4, 5]
    assert kept(path) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("text", ["\ud800", 2**80], ids=["half a character", "a number too large"])
async def test_a_row_that_sqlite_cannot_hold_fails_only_its_unit(writer: Writer, path: Path, text):
    results = await asyncio.gather(
        writer.submit(adds(1)), writer.submit(adds(2, text)), writer.submit(adds(3)), return_exceptions=True
    )
    assert isinstance(results[1], Exception)
    assert kept(path) == [1, 3]
    assert await writer.run(adds(4)) == 4


async def test_a_failing_statement_that_its_unit_survives(writer: Writer, path: Path):
    await writer.run(adds(1))

    async def tries(work: Work) -> str:
        try:
            async with work.nested() as inner:
                await inner.execute(insert(lines).values(id=1, text="again"))
        except IntegrityError:
            work.add(lines, {"id": 2, "text": "instead"})
        return "done"

    assert await writer.run(tries) == "done"
    assert kept(path) == [1, 2]


async def test_memory_follows_the_file_when_a_unit_is_undone(writer: Writer):
    memory: list[str] = []

    def remembering(text: str, fail: bool):
        async def unit(work: Work) -> None:
            memory.append(text)
            work.on_rollback.append(lambda: memory.remove(text))
            await work.execute(insert(lines).values(text=text))
            if fail:
                raise LookupError

        return unit

    jobs = [writer.submit(remembering(f"{n}", n % 3 == 0)) for n in range(9)]
    await asyncio.gather(*jobs, return_exceptions=True)
    assert memory == ["1", "2", "4", "5", "7", "8"]


async def test_what_was_remembered_is_undone_latest_first(writer: Writer):
    value = ["a"]

    async def unit(work: Work) -> None:
        for new in ("b", "c"):
            work.on_rollback.append(lambda old=value[0]: value.__setitem__(0, old))
            value[0] = new
        raise LookupError

    with pytest.raises(LookupError):
        await writer.run(unit)
    assert value == ["a"]


@pytest.mark.parametrize("alone", [True, False])
async def test_memory_is_undone_when_a_statement_breaks_the_transaction(writer: Writer, alone: bool):
    memory = set()
    await writer.run(adds(1))

    async def unit(work: Work) -> None:
        memory.add("page")
        work.on_rollback.append(lambda: memory.discard("page"))
        await work.execute(insert(lines).values(id=1, text="twice"))

    others = [] if alone else [writer.submit(adds(n)) for n in (2, 3)]
    results = await asyncio.gather(writer.submit(unit), *others, return_exceptions=True)
    assert isinstance(results[0], IntegrityError)
    assert memory == set()


async def test_callbacks_wait_for_the_commit(writer: Writer, path: Path):
    seen: list[list[int]] = []

    async def unit(work: Work) -> None:
        work.add(lines, {"id": 1, "text": "x"})
        work.after_commit.append(lambda: seen.append(kept(path)))

    await writer.run(unit)
    assert seen == [[1]]


async def test_callbacks_of_an_undone_unit_are_not_called(writer: Writer):
    called: list[int] = []

    async def unit(work: Work) -> None:
        work.after_commit.append(lambda: called.append(1))
        raise LookupError

    await asyncio.gather(writer.submit(unit), writer.submit(adds(1)), return_exceptions=True)
    assert called == []


async def test_a_callback_that_fails_does_not_end_the_writer(writer: Writer, path: Path, caplog):
    def breaks() -> None:
        raise LookupError("a listener of somebody else")

    async def unit(work: Work) -> int:
        work.add(lines, {"id": 1, "text": "x"})
        work.after_commit.append(breaks)
        return 1

    results = await asyncio.wait_for(asyncio.gather(writer.submit(unit), writer.submit(adds(2))), 5)
    assert results == [1, 2]
    assert await asyncio.wait_for(writer.run(adds(3)), 5) == 3
    assert kept(path) == [1, 2, 3]
    assert "listener of somebody else" in caplog.text


async def pages(writer: Writer, limit: int) -> None:
    """Let the file grow no further than `limit` pages."""

    async def say(work: Work) -> None:
        await work.connection.exec_driver_sql(f"PRAGMA max_page_count={limit}")

    await writer.run(say)


@pytest.mark.file_only
@pytest.mark.parametrize("how", [adds, inserts])
async def test_a_full_disk_fails_units_and_goes_on_when_there_is_space(writer: Writer, path: Path, how):
    forgotten: list[int] = []
    writer.forget.append(lambda: forgotten.append(1))
    await writer.run(adds(1))
    await pages(writer, 3)
    big = "x" * 20_000
    results = await asyncio.gather(*(writer.submit(how(n, big)) for n in (2, 3, 4)), return_exceptions=True)
    assert all(isinstance(r, OperationalError) and "full" in str(r) for r in results)
    assert forgotten
    assert kept(path) == [1]
    await pages(writer, 1_000_000)
    assert await asyncio.gather(*(writer.submit(how(n, big)) for n in (2, 3, 4))) == [2, 3, 4]
    assert kept(path) == [1, 2, 3, 4]


@pytest.mark.file_only
async def test_a_full_disk_fails_only_what_does_not_fit(writer: Writer, path: Path):
    await writer.run(adds(1))
    await pages(writer, 3)
    results = await asyncio.gather(
        writer.submit(adds(2)), writer.submit(adds(3, "x" * 20_000)), writer.submit(adds(4)), return_exceptions=True
    )
    assert isinstance(results[1], OperationalError)
    assert kept(path) == [1, 2, 4]


@pytest.mark.file_only
async def test_a_locked_file_is_an_error_and_not_the_end(writer: Writer, path: Path):
    async def hurry(work: Work) -> None:
        await work.connection.exec_driver_sql("PRAGMA busy_timeout=10")

    await writer.run(hurry)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        await writer.run(adds(1))
    other.execute("ROLLBACK")
    other.close()
    assert await writer.run(adds(1)) == 1


async def test_killing_loses_only_what_was_not_committed(writer: Writer, path: Path):
    await writer.run(adds(1))
    reached = asyncio.Event()

    async def hangs(work: Work) -> None:
        await work.execute(insert(lines).values(id=2, text="x"))
        reached.set()
        await asyncio.Event().wait()

    first, second = writer.submit(hangs), writer.submit(adds(3))
    await reached.wait()
    third = writer.submit(adds(4))
    await asyncio.wait_for(writer.kill(), 5)
    assert first.cancelled()
    assert second.cancelled()
    assert third.cancelled()
    assert kept(path) == [1]


async def test_killing_in_the_middle_of_a_statement(writer: Writer, path: Path):
    started = asyncio.Event()

    async def busy(work: Work) -> None:
        await work.execute(insert(lines).values(id=1, text="x"))
        started.set()
        while True:
            await work.execute(select(lines))

    done = writer.submit(busy)
    await started.wait()
    await asyncio.wait_for(writer.kill(), 5)
    assert done.cancelled()
    assert kept(path) == []


async def test_after_the_end_nothing_is_accepted_and_nobody_waits_for_ever(path: Path):
    writer = stores.writer_at(path)
    await writer.start()
    await writer.stop()
    await writer.stop()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(writer.submit(adds(1)), 5)
    assert kept(path) == []


async def test_stopping_finishes_what_waits(path: Path):
    writer = stores.writer_at(path)
    await writer.start()
    jobs = [writer.submit(adds(n)) for n in range(50)]
    await writer.stop()
    assert all(job.done() for job in jobs)
    assert kept(path) == list(range(50))


async def test_a_waiter_that_went_away_changes_nothing(writer: Writer, path: Path):
    gone = writer.submit(adds(1))
    stays = writer.submit(adds(2))
    gone.cancel()
    assert await stays == 2
    assert kept(path) == [1, 2]


async def test_a_unit_cut_off_inside_a_statement_spoils_nothing(writer: Writer, path: Path):
    async def cut_off(work: Work) -> None:
        await work.execute(insert(lines).values(id=100, text="x"))
        async with asyncio.timeout(0.02):
            while True:
                await work.execute(select(lines))

    results = await asyncio.gather(
        writer.submit(adds(1)), writer.submit(cut_off), writer.submit(adds(2)), return_exceptions=True
    )
    assert isinstance(results[1], Exception)
    assert results[0] == 1
    assert results[2] == 2
    assert await writer.run(adds(3)) == 3
    assert kept(path) == [1, 2, 3]


async def test_a_reader_cannot_write_and_sees_the_last_commit(writer: Writer, path: Path):
    reader = stores.reader_at(path)
    await writer.run(adds(1))
    async with reader.connect() as connection:
        assert [row.id for row in await connection.execute(select(lines))] == [1]
        with pytest.raises(DBAPIError, match=r"read-?only"):
            await connection.execute(insert(lines).values(id=9, text="x"))
    await reader.dispose()


async def test_prepare_learns_the_keys_of_a_batch(writer: Writer):
    asked: list[list[str]] = []

    async def prepare(_connection, keys) -> None:
        asked.append(list(keys))

    writer.prepare = prepare
    await asyncio.gather(writer.submit(adds(1), "a"), writer.submit(adds(2)), writer.submit(adds(3), "b"))
    assert list(chain(*asked)) == ["a", "b"]
