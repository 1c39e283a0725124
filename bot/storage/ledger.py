"""Storage: points, an append-only double-entry ledger over all groups; a balance is a sum, never a stored number.

`ledger_days` keeps what the sums were at the end of a day, so that a sum begins there; it can be thrown away and made
again from the postings at any time, and `shequn db check` holds it against them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, delete, desc, exists, func, insert, literal, select

from bot.context import Entry
from bot.storage.tables import ledger_days, members, postings, transfers
from bot.storage.work import Work

HOUSE = "house"
_MEMBER = "member:"
REVERSE = "reverse:"
DAYS_KEPT = 40


def account_of(member_id: str) -> str:
    return f"{_MEMBER}{member_id}"


def _balance(account: ColumnElement[str]) -> ColumnElement[int]:
    """The last day's sum and what came after it; each part is found by index."""
    of_account = select(ledger_days).where(ledger_days.c.account == account)
    newest = of_account.order_by(desc(ledger_days.c.day)).limit(1)
    before = newest.with_only_columns(ledger_days.c.points).scalar_subquery()
    upto = newest.with_only_columns(ledger_days.c.upto).scalar_subquery()
    since = select(func.sum(postings.c.points)).where(
        postings.c.account == account, postings.c.id > func.coalesce(upto, 0)
    )
    return func.coalesce(before, 0) + func.coalesce(since.scalar_subquery(), 0)


_BALANCE = select(_balance(bindparam("account", type_=Text)))
_ASK = select(exists().where(transfers.c.key == bindparam("key")), _balance(bindparam("account", type_=Text)))
_TRANSFER = insert(transfers).returning(transfers.c.id)
_POSTING = insert(postings)
_LINES = select(
    transfers.c.id.label("no"),
    transfers.c.key,
    transfers.c.at,
    postings.c.points,
    transfers.c.reason,
    transfers.c.group,
    transfers.c.actor,
).join(transfers, transfers.c.id == postings.c.transfer_id)


@dataclass(slots=True)
class LedgerStore:
    """Implements bot.context.Ledger. Every transfer has two postings that sum to zero."""

    work: Work
    group: str
    now: datetime
    event_id: str

    async def post(self, member_id: str, points: int, reason: str, key: str, *, actor: str = "") -> bool:
        if points == 0:
            raise ValueError("a posting of 0 points says nothing")
        account = account_of(member_id)
        asked: Any = (await self.work.execute(_ASK, {"key": key, "account": account}, alone=True)).one()
        posted, balance = asked
        if posted:
            return False
        if points < 0 and balance + points < 0:
            raise ValueError(f"{member_id} has fewer than {-points} points")
        row = {"key": key, "group": self.group, "at": self.now, "actor": actor, "reason": reason}
        row["event_id"] = self.event_id
        transfer_id = (await self.work.execute(_TRANSFER, row, alone=True)).scalar_one()
        both = [
            {"transfer_id": transfer_id, "account": account, "points": points},
            {"transfer_id": transfer_id, "account": HOUSE, "points": -points},
        ]
        await self.work.execute(_POSTING, both, alone=True)
        return True

    async def reverse(self, key: str, reason: str, *, actor: str = "") -> bool:
        posted = (
            select(postings.c.account, postings.c.points)
            .join(transfers, transfers.c.id == postings.c.transfer_id)
            .where(transfers.c.key == key, postings.c.account != HOUSE)
        )
        row = (await self.work.execute(posted, alone=True)).one_or_none()
        if row is None:
            raise LookupError(key)
        return await self.post(row.account.removeprefix(_MEMBER), -row.points, reason, f"{REVERSE}{key}", actor=actor)

    async def entry(self, no: int) -> tuple[str, Entry] | None:
        found = _LINES.add_columns(postings.c.account).where(transfers.c.id == no, postings.c.account != HOUSE)
        row = (await self.work.execute(found, alone=True)).one_or_none()
        if row is None:
            return None
        values = dict(row._mapping)
        return str(values.pop("account")).removeprefix(_MEMBER), Entry(**values)

    async def balance(self, member_id: str) -> int:
        return int((await self.work.execute(_BALANCE, {"account": account_of(member_id)}, alone=True)).scalar_one())

    async def lines(self, member_id: str, limit: int = 5) -> list[Entry]:
        newest = _LINES.where(postings.c.account == account_of(member_id)).order_by(desc(postings.c.id)).limit(limit)
        return [Entry(**row._mapping) for row in await self.work.execute(newest, alone=True)]

    async def top(self, limit: int = 10) -> list[tuple[str, int]]:
        here = select(members.c.id, _balance(literal(_MEMBER) + members.c.id).label("points")).where(
            and_(members.c.group == self.group, members.c.left_at.is_(None))
        )
        found = here.subquery()
        best = select(found).where(found.c.points > 0).order_by(desc(found.c.points), found.c.id).limit(limit)
        return [(row.id, int(row.points)) for row in await self.work.execute(best)]

    async def counted(self, member_id: str, key_prefix: str) -> int:
        count = (
            select(func.count())
            .select_from(postings.join(transfers, transfers.c.id == postings.c.transfer_id))
            .where(
                postings.c.account == account_of(member_id),
                transfers.c.key >= key_prefix,
                transfers.c.key < key_prefix + chr(0x10FFFF),
            )
        )
        return int((await self.work.execute(count, alone=True)).scalar_one())


def holdings(group: str) -> Select[tuple[str, str, int]]:
    """By member present in a group: who brought them ("" when nobody knows) and their points."""
    points = _balance(literal(_MEMBER) + members.c.id).label("points")
    return select(members.c.id, members.c.inviter_id, points).where(
        members.c.group == group, members.c.left_at.is_(None)
    )


async def close_day(work: Work, day: str, oldest: str) -> int:
    """Keep every changed account's sum under `day` (ISO), once a day; how many were kept. Older than `oldest` goes."""
    if (await work.execute(select(ledger_days.c.day).where(ledger_days.c.day >= day).limit(1))).first() is not None:
        return 0
    last = select(func.coalesce(func.max(ledger_days.c.upto), 0)).scalar_subquery()
    upto = select(func.max(postings.c.id)).scalar_subquery()
    changed = select(postings.c.account).where(postings.c.id > last).distinct().subquery()
    sums = select(changed.c.account, literal(day), upto, _balance(changed.c.account))
    kept = (await work.execute(insert(ledger_days).from_select(["account", "day", "upto", "points"], sums))).rowcount
    newer = ledger_days.alias()
    outlived = exists().where(newer.c.account == ledger_days.c.account, newer.c.day > ledger_days.c.day)
    await work.execute(delete(ledger_days).where(ledger_days.c.day < oldest, outlived))
    return kept
