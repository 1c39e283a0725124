"""Plugin: what the lottery keeps, as functions over the event's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import desc, func, insert, select, update

from bot.context import Database
from bot.model import Member
from plugins.lottery.model import Condition, Draft, Entrant, Lottery, Need, Seat, State, Tier
from plugins.lottery.tables import entrants, lotteries, seats


def _lottery(row: Any) -> Lottery:
    return Lottery(
        no=row.no,
        group=row.group,
        state=State(row.state),
        draft=Draft(
            tiers=tuple(Tier(prize, stock) for prize, stock in row.tiers),
            draw_at=row.draw_at,
            target=row.target,
            conditions=tuple(Condition(Need(need), amount, days) for need, amount, days in row.conditions),
        ),
        seed=row.seed,
        created_at=row.created_at,
        created_by=row.created_by,
        closed_at=row.closed_at,
        proof=row.proof,
    )


async def create(db: Database, group: str, draft: Draft, seed: str, at: datetime, by: str) -> Lottery:
    row = {
        "group": group,
        "state": State.OPEN,
        "tiers": [[tier.prize, tier.stock] for tier in draft.tiers],
        "conditions": [[one.need, one.amount, one.days] for one in draft.conditions],
        "draw_at": draft.draw_at,
        "target": draft.target,
        "seed": seed,
        "created_at": at,
        "created_by": by,
    }
    no = (await db.execute(insert(lotteries).values(row).returning(lotteries.c.no))).scalar_one()
    return Lottery(no, group, State.OPEN, draft, seed, at, by, None, "")


async def get(db: Database, no: int) -> Lottery | None:
    row = (await db.execute(select(lotteries).where(lotteries.c.no == no))).one_or_none()
    return None if row is None else _lottery(row)


async def open_in(db: Database, group: str) -> list[Lottery]:
    """The open lotteries of the group, oldest first."""
    found = select(lotteries).where(lotteries.c.group == group, lotteries.c.state == State.OPEN)
    return [_lottery(row) for row in await db.execute(found.order_by(lotteries.c.no))]


async def closed_in(db: Database, group: str, limit: int) -> list[Lottery]:
    """The lotteries of the group that are over, newest first."""
    found = select(lotteries).where(lotteries.c.group == group, lotteries.c.state != State.OPEN)
    return [_lottery(row) for row in await db.execute(found.order_by(desc(lotteries.c.closed_at)).limit(limit))]


async def close(db: Database, lottery: Lottery, state: State, at: datetime) -> bool:
    """Whether it was still open."""
    closing = (
        update(lotteries)
        .where(lotteries.c.no == lottery.no, lotteries.c.state == State.OPEN)
        .values(state=state, closed_at=at)
    )
    return (await db.execute(closing)).rowcount > 0


async def keep_proof(db: Database, no: int, proof: str) -> None:
    await db.execute(update(lotteries).where(lotteries.c.no == no).values(proof=proof))


async def enter(db: Database, no: int, member: Member, at: datetime) -> tuple[int, bool]:
    """The member's place in the order of arrival, and whether they are new."""
    mine = select(entrants.c.seq).where(entrants.c.lottery == no, entrants.c.member == member.id)
    seq = (await db.execute(mine)).scalar_one_or_none()
    if seq is not None:
        return int(seq), False
    seq = await count(db, no) + 1
    row = {"lottery": no, "member": member.id, "name": member.name, "seq": seq, "entered_at": at}
    await db.execute(insert(entrants).values(row))
    return seq, True


async def count(db: Database, no: int) -> int:
    total = select(func.count()).select_from(entrants).where(entrants.c.lottery == no)
    return int((await db.execute(total)).scalar_one())


async def entrants_of(db: Database, no: int) -> list[Entrant]:
    """In order of arrival."""
    listed = select(entrants).where(entrants.c.lottery == no).order_by(entrants.c.seq)
    return [Entrant(row.member, row.name, row.seq) for row in await db.execute(listed)]


async def entered_since(db: Database, no: int, seq: int) -> list[Entrant]:
    """Those who came after the `seq`-th."""
    listed = select(entrants).where(entrants.c.lottery == no, entrants.c.seq > seq).order_by(entrants.c.seq)
    return [Entrant(row.member, row.name, row.seq) for row in await db.execute(listed)]


async def seat(db: Database, no: int, round_no: int, winners: Sequence[tuple[int, Entrant]]) -> None:
    """Give places away: (tier, who)."""
    rows = [
        {"lottery": no, "round": round_no, "tier": tier, "member": one.member_id, "name": one.name, "state": "won"}
        for tier, one in winners
    ]
    if rows:
        await db.execute(insert(seats), rows)


async def seats_of(db: Database, no: int) -> list[Seat]:
    """Every place ever given, best tier first; within a tier in the order given."""
    listed = select(seats).where(seats.c.lottery == no).order_by(seats.c.tier, seats.c.id)
    return [Seat(row.id, row.round, row.tier, row.member, row.name, row.state) for row in await db.execute(listed)]


async def settle(db: Database, seat_ids: Sequence[int], state: str, at: datetime, by: str) -> None:
    """Mark places as claimed or void."""
    marked = update(seats).where(seats.c.id.in_(seat_ids)).values(state=state, settled_at=at, settled_by=by)
    await db.execute(marked)
