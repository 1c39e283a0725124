"""Storage: is the ledger true: all accounts together are zero, every transfer balances and has its cause."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.storage.trouble import connect, explain

_MOST = 10
_UNBALANCED = """
    SELECT t.id, t.key, count(p.id), coalesce(sum(p.points), 0), count(DISTINCT p.account) FROM transfers t
    LEFT JOIN postings p ON p.transfer_id = t.id GROUP BY t.id
    HAVING count(p.id) <> 2 OR coalesce(sum(p.points), 0) <> 0 OR count(DISTINCT p.account) <> 2 LIMIT ?"""
_ORPHANS = "SELECT id FROM postings WHERE transfer_id NOT IN (SELECT id FROM transfers) LIMIT ?"
_WITHOUT_CAUSE = "SELECT id, key FROM transfers WHERE key = '' OR reason = '' OR event_id = '' LIMIT ?"
_BELOW = (
    "SELECT account, sum(points) FROM postings WHERE account <> 'house' GROUP BY account HAVING sum(points) < 0 LIMIT ?"
)
_REVERSED = """
    SELECT r.id, r.key FROM transfers r LEFT JOIN transfers t ON t.key = substr(r.key, 9)
    LEFT JOIN postings p ON p.transfer_id = t.id
    LEFT JOIN postings q ON q.transfer_id = r.id AND q.account = p.account AND q.points = -p.points
    WHERE r.key LIKE 'reverse:%' GROUP BY r.id HAVING count(q.id) <> 2 LIMIT ?"""
_TRUE_SUM = "coalesce((SELECT sum(points) FROM postings p WHERE p.account = d.account AND p.id <= d.upto), 0)"
_DAYS = f"SELECT account, day, points, {_TRUE_SUM} FROM ledger_days d WHERE points <> {_TRUE_SUM} LIMIT ?"  # noqa: S608  no part is anybody's words
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
            total, issued, accounts = db.execute(
                "SELECT coalesce(sum(points), 0), coalesce(sum(points) FILTER (WHERE account <> 'house'), 0), "
                "count(DISTINCT account) FROM postings"
            ).fetchone()
            (transfers,) = db.execute("SELECT count(*) FROM transfers").fetchone()
            return Audit(transfers, accounts, total, issued, tuple(_problems(db, total)))
    except sqlite3.DatabaseError as error:
        raise explain(path, error) from error


def _problems(db: sqlite3.Connection, total: int) -> Iterator[str]:
    if total:
        yield f"全部账户相加是 {total}，应当是 0 (the accounts do not sum to zero)"
    for no, key, legs, points, _ in db.execute(_UNBALANCED, (_MOST,)):
        yield f"第 {no} 笔 {key} 有 {legs} 条分录，合计 {points}，应当是两个账户一进一出 (unbalanced transfer)"
    for (no,) in db.execute(_ORPHANS, (_MOST,)):
        yield f"第 {no} 条分录不属于任何一笔 (a posting without transfer)"
    for no, key in db.execute(_WITHOUT_CAUSE, (_MOST,)):
        yield f"第 {no} 笔 {key} 没有写明起因 (a transfer without cause)"
    for account, points in db.execute(_BELOW, (_MOST,)):
        yield f"{account} 的余额是 {points}，低于 0 (balance below zero)"
    for no, key in db.execute(_REVERSED, (_MOST,)):
        yield f"第 {no} 笔 {key} 和它要冲正的那笔对不上 (a counter-entry without its entry)"
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'ledger_days'").fetchone():
        for account, day, kept, true in db.execute(_DAYS, (_MOST,)):
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
