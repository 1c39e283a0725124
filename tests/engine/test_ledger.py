"""Test: the ledger's laws: transfers sum to zero, a key counts once, nobody owes, and the past cannot be changed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from bot.storage.ledger import LedgerStore, close_day
from bot.storage.ledger_check import audit
from bot.storage.tables import ledger_days, members, postings, transfers
from bot.storage.work import Work
from bot.storage.writer import Writer
from tests import stores
from tests.engine.stage import G

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


async def open_ledger(folder: Path) -> Writer:
    await stores.make_migrated(folder / "ledger.db")
    writer = stores.writer_at(folder / "ledger.db")
    await writer.start()
    return writer


@pytest.fixture
async def writer(tmp_path: Path, both: object) -> AsyncIterator[Writer]:
    writer = await open_ledger(tmp_path)
    yield writer
    await writer.stop()


def on(work: Work, group: str = G) -> LedgerStore:
    return LedgerStore(work, group, NOW, "e1")


def posts(member: str, points: int, key: str, reason: str = "签到", group: str = G):
    return lambda work: on(work, group).post(member, points, reason, key)


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


REPLACED = {
    "transfers": [
        """INSERT OR REPLACE INTO transfers VALUES (1, 'new', 'g1', 0, '', 'x', 'e')""",
        """INSERT OR REPLACE INTO transfers SELECT 9, key, "group", at, actor, 'nicer', event_id FROM transfers""",
        """REPLACE INTO transfers SELECT * FROM transfers""",
        """INSERT INTO transfers SELECT * FROM transfers WHERE true
           ON CONFLICT (id) DO UPDATE SET reason = 'nicer'""",
        """UPDATE OR REPLACE transfers SET reason = 'nicer'""",
    ],
    "postings": [
        """INSERT OR REPLACE INTO postings SELECT id, transfer_id, account, points * 100 FROM postings""",
        """REPLACE INTO postings VALUES (1, 1, 'member:x', 500)""",
        """UPDATE OR REPLACE postings SET points = 500""",
    ],
}


@pytest.mark.file_only
@pytest.mark.parametrize("statement", [one for some in REPLACED.values() for one in some])
async def test_the_past_cannot_be_replaced_either(writer: Writer, statement: str):
    await writer.run(posts("w", 5, "k"))

    async def everything(work: Work) -> list[Any]:
        return [tuple(row) for table in (transfers, postings) for row in await work.execute(select(table))]

    before = await writer.run(everything)
    with pytest.raises(IntegrityError, match=r"append-only|two sides"):
        await writer.run(lambda work: work.execute(text(statement)))
    assert await writer.run(everything) == before


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO postings (transfer_id, account, points) VALUES (1, 'member:x', 5)",
        "INSERT INTO postings (transfer_id, account, points) VALUES (2, 'member:x', 5), (2, 'house', -4)",
        "INSERT INTO postings (transfer_id, account, points) VALUES (2, 'house', 5), (2, 'house', -5)",
        "INSERT INTO transfers VALUES (3, '', 'g1', 0, '', 'x', 'e')",
        "INSERT INTO transfers VALUES (3, 'k3', 'g1', 0, '', '', 'e')",
        "INSERT INTO transfers VALUES (3, 'k3', 'g1', 0, '', 'x', '')",
    ],
)
async def test_the_file_itself_refuses_what_does_not_balance_or_has_no_cause(writer: Writer, statement: str):
    await writer.run(posts("w", 5, "k"))
    await writer.run(lambda work: work.execute(text("INSERT INTO transfers VALUES (2, 'k2', 'g1', 0, '', 'x', 'e')")))
    with pytest.raises(IntegrityError, match=r"two sides|says what"):
        await writer.run(lambda work: work.execute(text(statement)))


async def test_a_correction_is_a_counter_entry_and_happens_once(writer: Writer):
    await writer.run(posts("w", 50, "gift"))
    reverse = [writer.submit(lambda work: on(work).reverse("gift", "冲正", actor="a")) for _ in range(3)]
    assert await asyncio.gather(*reverse) == [True, False, False]
    assert await writer.run(lambda work: on(work).balance("w")) == 0
    assert [line.points for line in await writer.run(lambda work: on(work).lines("w"))] == [-50, 50]
    await writer.run(posts("l", 5, "other"))
    await writer.run(posts("l", -3, "spent"))
    with pytest.raises(ValueError, match="fewer"):
        await writer.run(lambda work: on(work).reverse("other", "冲正"))
    with pytest.raises(LookupError):
        await writer.run(lambda work: on(work).reverse("never", "冲正"))


async def test_a_number_stands_for_one_line(writer: Writer):
    await writer.run(posts("w", 5, "grant:1", "好文"))
    member, line = await writer.run(lambda work: on(work).entry(1))
    assert (member, line.no, line.points, line.reason, line.key) == ("w", 1, 5, "好文", "grant:1")
    assert await writer.run(lambda work: on(work).entry(2)) is None


async def test_balances_begin_at_the_last_day_and_days_can_be_made_again(writer: Writer, tmp_path: Path):
    path = tmp_path / "ledger.db"
    for number, day in enumerate(("2026-01-05", "2026-01-06", "2026-03-01")):
        await writer.run(posts("w", 10, f"w{number}"))
        await writer.run(posts("l", 1, f"l{number}"))
        assert await writer.run(lambda work, day=day: close_day(work, day, "2026-02-01")) == 3
        assert await writer.run(lambda work, day=day: close_day(work, day, "2026-02-01")) == 0
    await writer.run(posts("w", 5, "more"))
    rows = await writer.run(lambda work: work.execute(select(ledger_days).order_by(ledger_days.c.account)))
    assert [(row.account, row.day, row.points) for row in rows] == [
        ("house", "2026-03-01", -33),
        ("member:l", "2026-03-01", 3),
        ("member:w", "2026-03-01", 30),
    ]
    assert await writer.run(lambda work: on(work).balance("w")) == 35
    await writer.run(lambda work: work.execute(text("UPDATE ledger_days SET points = 999 WHERE account = 'member:w'")))
    assert await writer.run(lambda work: on(work).balance("w")) == 1004  # so that the check below means something
    assert [
        problem
        for problem in stores.audit_at(path).problems
        if "member:w" in problem and "999" in problem and "30" in problem
    ]
    assert stores.rebuild_days_at(path) == 1
    assert stores.audit_at(path).problems == ()
    assert await writer.run(lambda work: on(work).balance("w")) == 35


FORGED = {
    "UPDATE postings SET points = points + 1 WHERE id = 1": ["相加", "第 1 笔", "低于 0"],
    "DELETE FROM postings WHERE id = 1": ["相加", "第 1 笔"],
    "UPDATE transfers SET event_id = '' WHERE id = 1": ["起因"],
    "DELETE FROM transfers WHERE id = 1": ["不属于"],
    "UPDATE postings SET points = -points WHERE transfer_id = 1": ["低于 0"],
    "UPDATE postings SET points = points * 2 WHERE transfer_id = 2": ["冲正"],
}


@pytest.mark.file_only
@pytest.mark.parametrize("statement", FORGED)
async def test_the_check_finds_what_was_forged_behind_the_triggers(writer: Writer, tmp_path: Path, statement: str):
    await writer.run(posts("w", 5, "k"))
    await writer.run(lambda work: on(work).reverse("k", "冲正"))
    path = tmp_path / "ledger.db"
    assert audit(path).problems == ()
    await writer.stop()
    with closing(sqlite3.connect(path)) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute(statement)
    found = "\n".join(audit(path).problems)
    assert any(sign in found for sign in FORGED[statement]), found


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
