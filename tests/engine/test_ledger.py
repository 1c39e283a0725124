"""Test: the ledger's laws: transfers sum to zero, a key counts once, nobody owes, and the past cannot be changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from bot.storage.engine import open_writer
from bot.storage.ledger import LedgerStore
from bot.storage.tables import members, postings, transfers
from bot.storage.work import Work
from bot.storage.writer import Writer
from tests.engine.stage import G, fresh_file

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
PEOPLE = ("w", "l", "c")


async def open_ledger(folder: Path) -> Writer:
    path = folder / "ledger.db"
    path.write_bytes(fresh_file())
    writer = Writer(open_writer(path))
    await writer.start()
    return writer


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Writer]:
    writer = await open_ledger(tmp_path)
    yield writer
    await writer.stop()


def on(work: Work, group: str = G) -> LedgerStore:
    return LedgerStore(work, group, NOW, "e1")


def posts(member: str, points: int, key: str, reason: str = "签到", group: str = G):
    return lambda work: on(work, group).post(member, points, reason, key)


class LedgerMachine(RuleBasedStateMachine):
    """Any sequence of postings, right and wrong, against a plain dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.writer = self.runner.run(open_ledger(Path(self.folder.name)))
        self.balances = dict.fromkeys(PEOPLE, 0)
        self.keys: set[str] = set()

    def do(self, unit: Any) -> Any:
        return self.runner.run(self._do(unit))

    async def _do(self, unit: Any) -> Any:
        return await self.writer.run(unit)

    @rule(member=st.sampled_from(PEOPLE), points=st.integers(-30, 30), key=st.integers(0, 30))
    def post(self, member: str, points: int, key: int) -> None:
        name = f"k{key}"
        if points == 0 or (name not in self.keys and self.balances[member] + points < 0):
            with pytest.raises(ValueError, match="point"):
                self.do(posts(member, points, name))
            return
        done = self.do(posts(member, points, name))
        assert done is (name not in self.keys)
        if done:
            self.keys.add(name)
            self.balances[member] += points

    @rule(member=st.sampled_from(PEOPLE), points=st.integers(1, 30), key=st.integers(31, 60))
    def post_and_fail(self, member: str, points: int, key: int) -> None:
        async def unit(work: Work) -> None:
            await on(work).post(member, points, "x", f"k{key}")
            raise LookupError

        with pytest.raises(LookupError):
            self.do(unit)

    @invariant()
    def balances_are_sums(self) -> None:
        async def ask(work: Work) -> dict[str, int]:
            return {who: await on(work).balance(who) for who in PEOPLE}

        found = self.do(ask)
        assert found == self.balances
        assert min(found.values()) >= 0

    @invariant()
    def every_transfer_sums_to_zero(self) -> None:
        sums = select(func.sum(postings.c.points)).group_by(postings.c.transfer_id)

        async def ask(work: Work) -> tuple[set[int], int]:
            return {row[0] for row in await work.execute(sums)}, (
                await work.execute(select(func.count()).select_from(transfers))
            ).scalar_one()

        found, count = self.do(ask)
        assert found <= {0}
        assert count == len(self.keys)

    def teardown(self) -> None:
        self.runner.run(self.writer.stop())
        self.runner.close()
        self.folder.cleanup()


LedgerMachine.TestCase.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
TestLedgerLaws = LedgerMachine.TestCase


async def test_one_key_at_the_same_time_counts_once(writer: Writer):
    done = await asyncio.gather(*(writer.submit(posts("w", 5, "once")) for _ in range(10)))
    assert sorted(done) == [False] * 9 + [True]
    assert await writer.run(lambda work: on(work).balance("w")) == 5


async def test_a_key_counts_once_over_all_groups_and_members(writer: Writer):
    assert await writer.run(posts("w", 5, "k"))
    assert not await writer.run(posts("w", 5, "k", group="g2"))
    assert not await writer.run(posts("l", 7, "k"))


async def test_nobody_spends_twice_at_the_same_time(writer: Writer):
    await writer.run(posts("w", 10, "gift"))
    jobs = [writer.submit(posts("w", -7, f"buy{n}")) for n in range(5)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [r for r in results if r is True] == [True]
    assert await writer.run(lambda work: on(work).balance("w")) == 3


@pytest.mark.parametrize("table", ["transfers", "postings"])
@pytest.mark.parametrize("verb", ["UPDATE {0} SET id = id + 1", "DELETE FROM {0}"])
async def test_the_past_cannot_be_changed(writer: Writer, table: str, verb: str):
    await writer.run(posts("w", 5, "k"))
    with pytest.raises(IntegrityError, match="append-only"):
        await writer.run(lambda work: work.execute(text(verb.format(table))))
    assert await writer.run(lambda work: on(work).balance("w")) == 5


async def test_a_posting_belongs_to_a_transfer_and_says_something(writer: Writer):
    for row in ({"transfer_id": 99, "account": "x", "points": 1}, {"transfer_id": 1, "account": "x", "points": 0}):
        await writer.run(posts("w", 5, "k"))
        with pytest.raises(IntegrityError):
            await writer.run(lambda work, row=row: work.execute(insert(postings).values(row)))


async def test_lines_counts_and_the_top_list(writer: Writer):
    async def people(work: Work) -> None:
        for who, left in (("w", None), ("l", None), ("c", NOW)):
            row = {"group": G, "id": who, "name": who, "first_seen_at": NOW, "left_at": left}
            await work.execute(insert(members).values(row))

    await writer.run(people)
    for number, (who, points) in enumerate([("w", 5), ("l", 9), ("c", 50), ("w", -2), ("w", 1), ("x", 99)]):
        await writer.run(posts(who, points, f"checkin:{who}:{number}", f"第{number}次"))
    await writer.run(posts("w", 1, "checkout:w"))

    async def ask(work: Work) -> tuple[Any, ...]:
        ledger = on(work)
        lines = [(entry.points, entry.reason) for entry in await ledger.lines("w", 2)]
        return lines, await ledger.top(), await ledger.counted("w", "checkin:"), await ledger.counted("w", "")

    assert await writer.run(ask) == ([(1, "签到"), (1, "第4次")], [("l", 9), ("w", 5)], 3, 4)
