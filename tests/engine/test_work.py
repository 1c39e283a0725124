"""Test: a unit of work and its parts: a part is kept whole or leaves nothing, and reads see what was added before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.storage.work import Work
from bot.storage.writer import Writer
from tests import stores

metadata = MetaData()
lines = Table("lines", metadata, Column("id", Integer, primary_key=True), Column("n", Integer, nullable=False))


@pytest.fixture
async def writer(tmp_path: Path, both: object) -> AsyncIterator[Writer]:
    await stores.make(tmp_path / "some.db", metadata)
    writer = stores.writer_at(tmp_path / "some.db")
    await writer.start()
    yield writer
    await writer.stop()


async def ids(work: Work) -> list[int]:
    return [row.id for row in await work.execute(select(lines.c.id).order_by(lines.c.id))]


def add(work: Work, number: int) -> None:
    work.add(lines, {"id": number, "n": number})


async def put(work: Work, number: int) -> None:
    await work.execute(insert(lines).values(id=number, n=number))


class Mine(Exception):
    """Raised on purpose."""


async def test_a_read_sees_rows_added_here_and_above(writer: Writer):
    async def unit(work: Work) -> list[int]:
        add(work, 1)
        async with work.nested() as inner:
            add(inner, 2)
            async with inner.nested() as innermost:
                add(innermost, 3)
                return await ids(innermost)
        raise AssertionError

    assert await writer.run(unit) == [1, 2, 3]
    assert await writer.run(ids) == [1, 2, 3]


@pytest.mark.parametrize("talks", [True, False], ids=["written", "buffered"])
async def test_an_inner_failure_undoes_the_inner_part_only(writer: Writer, talks: bool):
    async def unit(work: Work) -> list[int]:
        add(work, 1)
        with pytest.raises(Mine):  # noqa: PT012
            async with work.nested() as inner:
                add(inner, 2)
                if talks:
                    await put(inner, 3)
                raise Mine
        add(work, 4)
        return await ids(work)

    assert await writer.run(unit) == [1, 4]
    assert await writer.run(ids) == [1, 4]


async def test_rows_of_others_written_by_a_read_survive_the_reader_s_failure(writer: Writer):
    async def unit(work: Work) -> None:
        add(work, 1)
        async with work.nested() as inner:
            add(inner, 2)
            with pytest.raises(Mine):  # noqa: PT012
                async with inner.nested() as innermost:
                    await put(innermost, 3)
                    assert await ids(innermost) == [1, 2, 3]
                    raise Mine
            assert await ids(inner) == [1, 2]

    await writer.run(unit)
    assert await writer.run(ids) == [1, 2]


async def test_a_row_added_above_while_a_part_is_open_survives_that_part(writer: Writer):
    async def unit(work: Work) -> None:
        with pytest.raises(Mine):  # noqa: PT012
            async with work.nested() as inner:
                await put(inner, 1)
                add(work, 2)
                await ids(inner)
                raise Mine

    await writer.run(unit)
    assert await writer.run(ids) == [2]


async def test_two_levels_fail_and_the_first_goes_on(writer: Writer):
    async def unit(work: Work) -> None:
        await put(work, 1)
        with pytest.raises(Mine):  # noqa: PT012
            async with work.nested() as inner:
                await put(inner, 2)
                async with inner.nested() as innermost:
                    await put(innermost, 3)
                await put(inner, 4)
                raise Mine
        async with work.nested() as inner:
            await put(inner, 5)

    await writer.run(unit)
    assert await writer.run(ids) == [1, 5]


async def test_a_bad_row_of_one_part_is_not_the_next_one_s_fault(writer: Writer):
    """The part that added it fails or the unit does; nobody else's rows are lost without a word."""

    async def unit(work: Work) -> list[str]:
        happened = []
        add(work, 10)
        try:
            async with work.nested() as first:
                add(first, 1)
                add(first, 1)
        except IntegrityError:
            happened.append("first")
        try:
            async with work.nested() as second:
                await put(second, 2)
        except IntegrityError:
            happened.append("second")
        return happened

    try:
        happened = await writer.run(unit)
    except IntegrityError:
        assert await writer.run(ids) == []
        return
    assert happened == ["first"]
    assert await writer.run(ids) == [2, 10]


async def test_an_update_sees_the_rows_added_before(writer: Writer):
    async def unit(work: Work) -> int:
        add(work, 1)
        return (await work.execute(update(lines).values(n=7))).rowcount

    assert await writer.run(unit) == 1


STEPS = st.recursive(
    st.sampled_from(["add", "put", "alone", "read"]),
    lambda inner: st.tuples(st.booleans(), st.lists(inner, max_size=4)),
    max_leaves=20,
)


async def play(work: Work, steps, counter: list[int], expected: set[int], others: set[int]) -> None:
    """Do the steps; a tuple is a part that fails when its first item says so."""
    for step in steps:
        counter[0] += 1
        number = counter[0]
        if step == "add":
            add(work, number)
            expected.add(number)
        elif step == "put":
            await put(work, number)
            expected.add(number)
        elif step == "alone":
            await work.execute(insert(lines).values(id=number, n=number), alone=True)
            expected.add(number)
        elif step == "read":
            assert set(await ids(work)) == expected | others
        else:
            fails, inside = step
            before = set(expected)
            try:
                async with work.nested() as inner:
                    await play(inner, inside, counter, expected, others)
                    if fails:
                        raise Mine
            except Mine:
                expected.clear()
                expected.update(before)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=8))
async def test_any_nesting_of_parts_keeps_what_did_not_fail(both, tmp_path, steps):
    if not (tmp_path / "made").exists():
        await stores.make(tmp_path / "some.db", metadata)
        (tmp_path / "made").touch()
    writer = stores.writer_at(tmp_path / "some.db")
    await writer.start()
    await writer.run(lambda work: work.execute(delete(lines)))
    expected: set[int] = set()

    async def neighbour(work: Work) -> None:
        add(work, 1000)

    try:
        jobs = [writer.submit(neighbour), writer.submit(lambda work: play(work, steps, [0], expected, {1000}))]
        await asyncio.gather(*jobs)
        assert set(await writer.run(ids)) == expected | {1000}
    finally:
        await writer.stop()
