"""Storage: is the ledger true: all accounts together are zero, every transfer balances and has its cause."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.storage.server import Server
from bot.storage.trouble import connect, explain, in_plain_words

_UNBALANCED = """
    SELECT t.id, t.key, count(p.id), coalesce(sum(p.points), 0), count(DISTINCT p.account) FROM transfers t
    LEFT JOIN postings p ON p.transfer_id = t.id GROUP BY t.id
    HAVING count(p.id) <> 2 OR coalesce(sum(p.points), 0) <> 0 OR count(DISTINCT p.account) <> 2 LIMIT 10"""
_ORPHANS = "SELECT id FROM postings WHERE transfer_id NOT IN (SELECT id FROM transfers) LIMIT 10"
_WITHOUT_CAUSE = "SELECT id, key FROM transfers WHERE key = '' OR reason = '' OR event_id = '' LIMIT 10"
_BELOW = """
    SELECT account, sum(points) FROM postings WHERE account <> 'house'
    GROUP BY account HAVING sum(points) < 0 LIMIT 10"""
_REVERSED = """
    SELECT r.id, r.key FROM transfers r LEFT JOIN transfers t ON t.key = substr(r.key, 9)
    LEFT JOIN postings p ON p.transfer_id = t.id
    LEFT JOIN postings q ON q.transfer_id = r.id AND q.account = p.account AND q.points = -p.points
    WHERE r.key LIKE 'reverse:%' GROUP BY r.id HAVING count(q.id) <> 2 LIMIT 10"""
_TRUE_SUM = "coalesce((SELECT sum(points) FROM postings p WHERE p.account = d.account AND p.id <= d.upto), 0)"
_DAYS = f"SELECT account, day, points, {_TRUE_SUM} FROM ledger_days d WHERE points <> {_TRUE_SUM} LIMIT 10"  # noqa: S608  no part is anybody's words
_SUMS = (
    "SELECT coalesce(sum(points), 0), coalesce(sum(points) FILTER (WHERE account <> 'house'), 0), "
    "count(DISTINCT account) FROM postings"
)
_TRANSFERS = "SELECT count(*) FROM transfers"
_ASKED = (_SUMS, _TRANSFERS, _UNBALANCED, _ORPHANS, _WITHOUT_CAUSE, _BELOW, _REVERSED, _DAYS)
_REBUILD = f"UPDATE ledger_days AS d SET points = {_TRUE_SUM} WHERE points <> {_TRUE_SUM}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found. `total` is the sum of all accounts, `issued` what members hold together."""

    transfers: int
    accounts: int
    total: int
    issued: int
    problems: tuple[str, ...]


def audit(path: Path) -> Audit:
    """Look through the whole ledger. Raises StorageError when the file cannot be read."""
    try:
        with closing(connect(path)) as db:
            days = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'ledger_days'").fetchone()
            asked = [question for question in _ASKED if days or question is not _DAYS]
            return _judge({question: db.execute(question).fetchall() for question in asked})
    except sqlite3.DatabaseError as error:
        raise explain(path, error) from error


async def audit_server(server: Server) -> Audit:
    """The same of an account on a server. Raises StorageError."""
    with in_plain_words(server.place):
        connection = await server.connect()
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return await audit_within(connection)
        finally:
            await connection.close()


async def audit_within(connection: Any) -> Audit:
    """The same, as the transaction that is open on this connection to a server sees it."""
    return _judge({question: await connection.fetch(question) for question in _ASKED})


def _judge(found: Mapping[str, Sequence[Sequence[Any]]]) -> Audit:
    (total, issued, accounts), (transfers,) = found[_SUMS][0], found[_TRANSFERS][0]
    return Audit(transfers, accounts, total, issued, tuple(_problems(found, total)))


def _problems(found: Mapping[str, Sequence[Sequence[Any]]], total: int) -> Iterator[str]:
    if total:
        yield f"全部账户相加是 {total}，应当是 0 (the accounts do not sum to zero)"
    for no, key, legs, points, _ in found[_UNBALANCED]:
        yield f"第 {no} 笔 {key} 有 {legs} 条分录，合计 {points}，应当是两个账户一进一出 (unbalanced transfer)"
    for (no,) in found[_ORPHANS]:
        yield f"第 {no} 条分录不属于任何一笔 (a posting without transfer)"
    for no, key in found[_WITHOUT_CAUSE]:
        yield f"第 {no} 笔 {key} 没有写明起因 (a transfer without cause)"
    for account, points in found[_BELOW]:
        yield f"{account} 的余额是 {points}，低于 0 (balance below zero)"
    for no, key in found[_REVERSED]:
        yield f"第 {no} 笔 {key} 和它要冲正的那笔对不上 (a counter-entry without its entry)"
    for account, day, kept, true in found.get(_DAYS, ()):
        yield (
            f"{account} 在 {day} 的日结是 {kept}，分录相加是 {true}，"
            f"可以用 shequn db check --rebuild 重算 (day sum differs)"
        )


def rebuild_days(path: Path) -> int:
    """Make every day sum again from the postings; how many were wrong."""
    try:
        with closing(connect(path, write=True)) as db, db:
            return db.execute(_REBUILD).rowcount
    except sqlite3.DatabaseError as error:
        raise explain(path, error) from error


async def rebuild_server_days(server: Server) -> int:
    """The same of an account on a server."""
    with in_plain_words(server.place):
        connection = await server.connect()
        try:
            return int((await connection.execute(_REBUILD)).rpartition(" ")[2])
        finally:
            await connection.close()
