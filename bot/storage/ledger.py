"""Storage: points, an append-only double-entry ledger over all groups; a balance is a sum, never a stored number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, desc, func, insert, select

from bot.context import Entry
from bot.storage.tables import members, postings, transfers
from bot.storage.work import Work

HOUSE = "house"


def account_of(member_id: str) -> str:
    return f"member:{member_id}"


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
        posted = select(transfers.c.id).where(transfers.c.key == key)
        if (await self.work.execute(posted, alone=True)).first() is not None:
            return False
        if points < 0 and await self.balance(member_id) + points < 0:
            raise ValueError(f"{member_id} has fewer than {-points} points")
        transfer = insert(transfers).values(
            key=key, group=self.group, at=self.now, actor=actor, reason=reason, event_id=self.event_id
        )
        transfer_id = (await self.work.execute(transfer.returning(transfers.c.id), alone=True)).scalar_one()
        both = [
            {"transfer_id": transfer_id, "account": account_of(member_id), "points": points},
            {"transfer_id": transfer_id, "account": HOUSE, "points": -points},
        ]
        await self.work.execute(insert(postings), both, alone=True)
        return True

    async def balance(self, member_id: str) -> int:
        total = select(func.coalesce(func.sum(postings.c.points), 0)).where(postings.c.account == account_of(member_id))
        return int((await self.work.execute(total, alone=True)).scalar_one())

    async def lines(self, member_id: str, limit: int = 5) -> list[Entry]:
        newest = (
            select(transfers.c.at, postings.c.points, transfers.c.reason, transfers.c.group, transfers.c.actor)
            .join(transfers, transfers.c.id == postings.c.transfer_id)
            .where(postings.c.account == account_of(member_id))
            .order_by(desc(postings.c.id))
            .limit(limit)
        )
        return [Entry(**row._mapping) for row in await self.work.execute(newest, alone=True)]

    async def top(self, limit: int = 10) -> list[tuple[str, int]]:
        total = func.sum(postings.c.points)
        best = (
            select(members.c.id, total.label("points"))
            .join(postings, postings.c.account == "member:" + members.c.id)
            .where(and_(members.c.group == self.group, members.c.left_at.is_(None)))
            .group_by(members.c.id)
            .having(total > 0)
            .order_by(desc("points"), members.c.id)
            .limit(limit)
        )
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
