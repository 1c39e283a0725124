"""Test: a server that goes away for a moment: nothing is lost, nothing done twice, and who is uncertain begins anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StorageError
from bot.storage.engine import open_server_writer
from bot.storage.lease import is_sound
from bot.storage.server import Server
from bot.storage.tables import installation, messages
from bot.storage.trouble import explain
from bot.storage.work import Work
from bot.storage.writer import Writer
from tests import stores
from tests.engine.stage import XIAOWANG, Stage, parrot, running_app
from tests.faults.process import moments
from tests.postgres import Cluster

CUT = (
    "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def cut(server: Server) -> None:
    """As when the server restarts: every connection ends, and has ended when this returns."""
    connection = await server.connect()
    try:
        await connection.execute(CUT)
    finally:
        await connection.close()


@pytest.fixture
async def writer(server: Server) -> AsyncIterator[Writer]:
    writer = Writer(open_server_writer(server), fence=is_sound)
    await writer.start()
    yield writer
    await writer.stop()


def keeps(key: str):
    async def unit(work: Work) -> str:
        work.add(installation, {"key": key, "value": "x"})
        return key

    return unit


async def count(work: Work) -> int:
    return int((await work.execute(select(func.count()).select_from(installation))).scalar_one())


async def test_a_connection_that_was_cut_is_made_anew(writer: Writer, server: Server):
    await writer.run(keeps("a"))
    await cut(server)
    assert await asyncio.gather(*(writer.submit(keeps(key)) for key in "bcd")) == ["b", "c", "d"]
    assert await writer.run(count) == 4


async def test_a_line_that_breaks_in_the_middle_of_a_word_ends_no_writer(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
):
    said = AsyncConnection.exec_driver_sql
    broken = ["ROLLBACK", "BEGIN"]

    async def reset(self: AsyncConnection, statement: str, *rest: Any) -> Any:
        if broken and statement == broken[-1]:
            broken.pop()
            raise ConnectionResetError(statement)
        return await said(self, statement, *rest)

    await writer.run(keeps("a"))
    monkeypatch.setattr(AsyncConnection, "exec_driver_sql", reset)
    assert await writer.run(keeps("b")) == "b"
    assert broken == []
    assert await writer.run(count) == 2


async def test_cut_off_in_the_middle_of_a_unit_nothing_of_it_stays(writer: Writer, server: Server):
    async def unit(work: Work) -> None:
        await keeps("a")(work)
        await count(work)
        await cut(server)
        await count(work)

    with pytest.raises(DBAPIError):
        await writer.run(unit)
    assert await writer.run(count) == 0


async def test_cut_off_while_it_commits_it_writes_no_more_and_says_so(writer: Writer, server: Server):
    async def cut_before_the_commit(connection: AsyncConnection) -> None:
        await is_sound(connection)
        await cut(server)

    writer.fence = cut_before_the_commit
    told: list[str] = []
    writer.on_lost.append(told.append)
    done, behind = writer.submit(keeps("a")), writer.submit(keeps("b"))
    with pytest.raises(asyncio.CancelledError):
        await done
    assert told
    assert "提交" in told[0]
    assert behind.cancelled() or behind.done()
    with pytest.raises(asyncio.CancelledError):
        await writer.run(keeps("c"))


async def test_a_server_that_is_not_there_fails_units_and_is_found_again(writer: Writer, server: Server):
    connect = writer.engine
    await writer.run(keeps("a"))
    writer.engine = open_server_writer(Server("postgresql://nobody@127.0.0.1:1/none"))
    await cut(server)
    for _ in range(2):
        with pytest.raises((DBAPIError, OSError)):
            await writer.run(keeps("b"))
    await writer.engine.dispose()
    writer.engine = connect
    assert await writer.run(keeps("b")) == "b"


async def test_what_comes_meanwhile_waits_in_memory_and_is_done_once(on_server: Cluster, tmp_path: Path):
    async with running_app(tmp_path, parrot()) as stage:
        server = stores.server_at(stage.database)
        assert server is not None
        # What is being committed when the line breaks is uncertain, and then a process ends; here nothing is.
        await stage.app.settle()
        await cut(server)
        for number in range(5):
            await stage.app.deliver(stage.message(f"say {number}"))
        async with asyncio.timeout(20):
            while await _kept(stage) < 5:
                await moments()
        await stage.app.settle()
        stage.app.reception.check()
        assert stage.far.texts() == [str(number) for number in range(5)]
        assert not stage.app.reception.trouble


async def _kept(stage: Stage) -> int:
    """None as long as the question itself meets the connection that was cut."""
    try:
        return await stage.app.writer.run(how_many)
    except (DBAPIError, OSError):
        return 0


async def how_many(work: Work) -> int:
    said = select(func.count()).select_from(messages).where(messages.c.sender == XIAOWANG.id)
    return int((await work.execute(said)).scalar_one())


async def test_a_statement_that_takes_too_long_is_cut_off_and_the_rest_goes_on(writer: Writer):
    async def slow(work: Work) -> None:
        await keeps("slow")(work)
        async with asyncio.timeout(0.2):
            await work.execute(select(func.pg_sleep(20)))

    results = await asyncio.gather(
        writer.submit(keeps("a")), writer.submit(slow), writer.submit(keeps("b")), return_exceptions=True
    )
    assert isinstance(results[1], Exception)
    assert (results[0], results[2]) == ("a", "b")
    assert await writer.run(count) == 2


def test_what_servers_say_is_one_sentence_without_the_password():
    import asyncpg

    for error, sentence in (
        (asyncpg.InvalidPasswordError("x"), "用户名和密码"),
        (asyncpg.DiskFullError("x"), "磁盘满了"),
        (asyncpg.TooManyConnectionsError("x"), "连接太多"),
        (asyncpg.CannotConnectNowError("x"), "正在停止或启动"),
        (asyncpg.ReadOnlySQLTransactionError("x"), "只读"),
        (ConnectionRefusedError(), "连不上"),
    ):
        told = explain(Server("postgresql://u:geheim@db:5432/x").place, error)
        assert isinstance(told, StorageError)
        assert sentence in str(told)
        assert "geheim" not in str(told)
        assert "db:5432/x" in str(told)
