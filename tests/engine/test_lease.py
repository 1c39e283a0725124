"""Test: the lease of an account: one holder at a time, an epoch that only grows, and a fence that nobody passes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.account import claim
from bot.app import App
from bot.build import build_app
from bot.errors import ConfigError
from bot.events import MessageReceived, RosterSeen
from bot.readiness import reasons
from bot.storage.engine import open_server_writer
from bot.storage.lease import Lease, Lost
from bot.storage.server import Server
from bot.storage.tables import installation
from bot.storage.work import Work
from bot.storage.writer import Writer
from tests.engine.stage import CONFIG, XIAOWANG, FarSide, parrot, settings_of
from tests.faults.process import moments

LENGTH = 3.0


async def over(server: Server) -> None:
    """As when the holder was not heard of for the length of its lease."""
    await order(server, "UPDATE shequn.leases SET until = clock_timestamp() - interval '1 second'")


async def order(server: Server, statement: str) -> Any:
    connection = await server.connect()
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.fixture
async def leases(server: Server) -> AsyncIterator[tuple[Lease, Lease]]:
    """The first has the account."""
    first, second = Lease(server, LENGTH), Lease(server, LENGTH)
    assert await first.take()
    yield first, second
    await second.release()
    await first.release()


async def keep(work: Work) -> None:
    work.add(installation, {"key": "probe", "value": "x"})


async def kept(work: Work) -> int:
    return int((await work.execute(select(func.count()).where(installation.c.key == "probe"))).scalar_one())


async def test_only_one_has_it_and_the_other_knows_who(leases: tuple[Lease, Lease]):
    first, second = leases
    assert first.is_held()
    assert not await second.take()
    assert second.held_by == first.holder
    assert not second.is_held()


async def test_at_the_same_time_one_of_many_gets_it(server: Server):
    many = [Lease(server, LENGTH) for _ in range(8)]
    assert sum(await asyncio.gather(*(lease.take() for lease in many))) == 1
    for lease in many:
        await lease.release()


async def test_accounts_do_not_touch_each_other(leases: tuple[Lease, Lease], server: Server):
    other = Lease(Server(server.url, "second"), LENGTH)
    assert await other.take()
    assert leases[0].is_held()
    await other.release()


async def test_what_is_given_back_is_free_at_once_under_a_new_epoch(leases: tuple[Lease, Lease]):
    first, second = leases
    await first.release()
    assert await second.take()
    assert second.epoch == first.epoch + 1


async def test_it_is_renewed_for_as_long_as_its_holder_lives(leases: tuple[Lease, Lease]):
    first, second = leases
    await moments(LENGTH * 1.2)
    assert not await second.take()
    assert first.is_held()


async def test_one_that_waits_gets_it_when_it_is_over(leases: tuple[Lease, Lease], server: Server):
    first, second = leases
    waiting = asyncio.create_task(second.wait())
    await over(server)
    await asyncio.wait_for(waiting, 10)
    assert second.epoch == first.epoch + 1


async def test_after_a_takeover_nothing_can_be_committed(leases: tuple[Lease, Lease], server: Server):
    first, second = leases
    writers = [Writer(open_server_writer(server, lease.name), fence=lease.check) for lease in (first, second)]
    told: list[str] = []
    writers[0].on_lost.append(told.append)
    for writer in writers:
        await writer.start()
    await over(server)
    assert await second.take()
    # Taking over cuts the old one's connection; as a new one it finds the fence.
    results = await asyncio.gather(*(writers[0].submit(keep) for _ in range(3)), return_exceptions=True)
    if not told:
        results = await asyncio.gather(*(writers[0].submit(keep) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    assert "接手" in told[0]
    assert not first.is_held()
    assert await writers[1].run(kept) == 0
    await writers[1].run(keep)
    assert await writers[1].run(kept) == 1
    for writer in writers:
        await writer.stop()


async def test_one_that_hangs_inside_a_transaction_does_not_hold_up_the_next(
    leases: tuple[Lease, Lease], server: Server
):
    first, second = leases
    engine = open_server_writer(server, first.name)
    await over(server)
    async with engine.connect() as connection:
        await connection.exec_driver_sql("BEGIN")
        await first.check(connection)  # its lock on the row lasts until the transaction ends
        assert await asyncio.wait_for(second.take(), 5)
    await engine.dispose()
    assert second.epoch == first.epoch + 1


async def test_the_fence_says_who_may_not(leases: tuple[Lease, Lease], server: Server):
    first, second = leases
    await over(server)
    assert await second.take()
    engine = open_server_writer(server, second.name)
    async with engine.connect() as connection:
        await second.check(connection)
        with pytest.raises(Lost, match="main"):
            await first.check(connection)
    await engine.dispose()


async def test_a_server_that_was_away_for_a_moment_is_no_loss(leases: tuple[Lease, Lease], server: Server):
    first, _ = leases
    await order(
        server, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE '% lease'"
    )
    await moments(LENGTH * 0.8)
    assert first.is_held()
    assert not first.lost


async def build(server: Server, folder: Path, lease: Lease, far: FarSide) -> App:
    plugins = [parrot()]
    return await build_app(
        settings_of(plugins),
        transport=far,
        clock=far.clock,
        database=folder / "shequn.db",
        plugins=plugins,
        config_dir=CONFIG,
        server=server,
        lease=lease,
    )


async def test_the_courier_sends_nothing_while_the_lease_is_in_doubt(
    leases: tuple[Lease, Lease], server: Server, tmp_path: Path
):
    far, (first, second) = FarSide(), leases
    app = await build(server, tmp_path, first, far)
    await app.start()
    now = far.clock.now()
    await app.handle(RosterSeen(id="r1", at=now, group="g1", members=(XIAOWANG,), topic="读书群"))
    first._until = 0.0  # as after a pause as long as the lease
    await app.handle(MessageReceived(id="m1", at=now, group="g1", sender=XIAOWANG, text="say 你好"))
    await app.settle()
    assert far.texts() == []
    assert any("租约" in reason for reason in reasons(app))
    await first._renew()
    assert not any("租约" in reason for reason in reasons(app))
    await app.advance(now.replace(minute=1))
    assert far.texts() == ["你好"]
    await over(server)
    assert await second.take()
    ended = asyncio.Event()
    app.on_lost.append(ended.set)
    await asyncio.gather(
        app.handle(MessageReceived(id="m2", at=now, group="g1", sender=XIAOWANG, text="say 再见")),
        return_exceptions=True,
    )
    with pytest.raises((Exception, asyncio.CancelledError)):
        await app.writer.run(kept)
    await asyncio.wait_for(ended.wait(), 5)
    assert far.texts() == ["你好"]
    assert any("接手" in reason for reason in reasons(app))
    await app.let_go()


def test_a_data_folder_is_of_one_account(tmp_path: Path):
    for _ in range(2):
        claim(tmp_path, "main")
    with pytest.raises(ConfigError, match="main"):
        claim(tmp_path, "second")
