"""Plugin: what the lottery keeps, as functions over the event's transaction: lotteries, entrants, places."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import desc, func, insert, or_, select, update

from bot.context import Database
from plugins.lottery.model import Draft, Entrant, Lottery, Seat, State
from plugins.lottery.row import plain_rules, read_lottery
from plugins.lottery.tables import entrants, lotteries, seats, venues


async def _lotteries(db: Database, found: Any) -> list[Lottery]:
    rows = list(await db.execute(found))
    if not rows:
        return []
    others: dict[int, list[str]] = {}
    of = select(venues).where(venues.c.lottery.in_([row.no for row in rows])).order_by(venues.c.group)
    for venue in await db.execute(of):
        others.setdefault(venue.lottery, []).append(venue.group)
    return [read_lottery(row, others.get(row.no, ())) for row in rows]


async def create(db: Database, group: str, draft: Draft, seed: str, at: datetime, by: str) -> Lottery:
    row = {
        "group": group,
        "state": State.OPEN,
        "tiers": [[tier.prize, tier.stock] for tier in draft.tiers],
        "conditions": [[one.need, one.amount, one.days] for one in draft.conditions],
        "rules": plain_rules(draft.rules),
        "draw_at": draft.draw_at,
        "target": draft.target,
        "seed": seed,
        "created_at": at,
        "created_by": by,
    }
    no = (await db.execute(insert(lotteries).values(row).returning(lotteries.c.no))).scalar_one()
    if draft.groups:
        await db.execute(insert(venues), [{"lottery": no, "group": other} for other in draft.groups])
    return Lottery(no, group, State.OPEN, draft, seed, at, by, None, "")


async def get(db: Database, no: int) -> Lottery | None:
    found = await _lotteries(db, select(lotteries).where(lotteries.c.no == no))
    return found[0] if found else None


def _takes_place_in(group: str) -> Any:
    invited = select(venues.c.lottery).where(venues.c.group == group)
    return or_(lotteries.c.group == group, lotteries.c.no.in_(invited))


async def open_in(db: Database, group: str) -> list[Lottery]:
    """The open lotteries of the group, oldest first."""
    found = select(lotteries).where(lotteries.c.state == State.OPEN, _takes_place_in(group))
    return await _lotteries(db, found.order_by(lotteries.c.no))


async def closed_in(db: Database, group: str, limit: int) -> list[Lottery]:
    """The lotteries of the group that are over, newest first."""
    found = select(lotteries).where(lotteries.c.state != State.OPEN, _takes_place_in(group))
    return await _lotteries(db, found.order_by(desc(lotteries.c.closed_at)).limit(limit))


async def seal(db: Database, lottery: Lottery, at: datetime) -> bool:
    """Close the list; whether it was still open."""
    sealing = (
        update(lotteries)
        .where(lotteries.c.no == lottery.no, lotteries.c.state == State.OPEN, lotteries.c.sealed_at.is_(None))
        .values(sealed_at=at)
    )
    return (await db.execute(sealing)).rowcount > 0


async def close(db: Database, lottery: Lottery, state: State, at: datetime) -> bool:
    """Whether it was still open."""
    closing = (
        update(lotteries)
        .where(lotteries.c.no == lottery.no, lotteries.c.state == State.OPEN)
        .values(state=state, closed_at=at)
    )
    return (await db.execute(closing)).rowcount > 0


async def extend(db: Database, lottery: Lottery, until: datetime) -> Lottery:
    """Put the draw off, once."""
    rules = replace(lottery.rules, extended=True)
    later = update(lotteries).where(lotteries.c.no == lottery.no).values(draw_at=until, rules=plain_rules(rules))
    await db.execute(later)
    return replace(lottery, draft=replace(lottery.draft, draw_at=until, rules=rules))


async def keep_rules(db: Database, no: int, announced: str) -> None:
    """What was announced, for whoever audits the draw later."""
    await db.execute(update(lotteries).where(lotteries.c.no == no).values(announced=announced))


async def keep_proof(db: Database, no: int, proof: str) -> None:
    await db.execute(update(lotteries).where(lotteries.c.no == no).values(proof=proof))


async def entry_of(db: Database, no: int, member_id: str) -> Entrant | None:
    mine = select(entrants).where(entrants.c.member == member_id, *_in(no))
    row = (await db.execute(mine)).one_or_none()
    return None if row is None else _entrant(row)


def _in(no: int) -> tuple[Any, ...]:
    """The rows of those who take part: who has withdrawn keeps a row without tickets, so that no number comes twice."""
    return entrants.c.lottery == no, entrants.c.weight > 0


async def next_seq(db: Database, no: int) -> int:
    """The number of whoever comes next."""
    last = select(func.coalesce(func.max(entrants.c.seq), 0)).where(entrants.c.lottery == no)
    return int((await db.execute(last)).scalar_one()) + 1


async def enter(db: Database, no: int, entrant: Entrant) -> int:
    """Take somebody in who is not; returns how many take part now."""
    mine = (entrants.c.lottery == no, entrants.c.member == entrant.member_id)
    row = {
        "name": entrant.name,
        "seq": entrant.seq,
        "weight": entrant.weight,
        "group": entrant.group,
        "entered_at": entrant.at,
    }
    if (await db.execute(update(entrants).where(*mine).values(**row))).rowcount == 0:
        await db.execute(insert(entrants).values(lottery=no, member=entrant.member_id, **row))
    return await count(db, no)


async def leave(db: Database, no: int, member_id: str) -> None:
    """Take out who is in; see `_in`."""
    await weigh(db, no, member_id, 0)


async def place(db: Database, no: int, seq: int) -> int:
    """How many of those who take part came no later than the one with this number."""
    total = select(func.count()).select_from(entrants).where(entrants.c.seq <= seq, *_in(no))
    return int((await db.execute(total)).scalar_one())


async def weigh(db: Database, no: int, member_id: str, weight: int) -> None:
    """Set how many tickets somebody holds."""
    mine = (entrants.c.lottery == no, entrants.c.member == member_id)
    await db.execute(update(entrants).where(*mine).values(weight=weight))


async def count(db: Database, no: int) -> int:
    total = select(func.count()).select_from(entrants).where(*_in(no))
    return int((await db.execute(total)).scalar_one())


async def tickets(db: Database, no: int) -> int:
    total = select(func.coalesce(func.sum(entrants.c.weight), 0)).where(entrants.c.lottery == no)
    return int((await db.execute(total)).scalar_one())


def _entrant(row: Any) -> Entrant:
    return Entrant(row.member, row.name, row.seq, row.weight, row.group, row.entered_at)


async def entrants_of(db: Database, no: int, after: int = 0) -> list[Entrant]:
    """In order of arrival, those who came after the `after`-th."""
    listed = select(entrants).where(entrants.c.seq > after, *_in(no)).order_by(entrants.c.seq)
    return [_entrant(row) for row in await db.execute(listed)]


async def seat(db: Database, no: int, round_no: int, winners: Sequence[tuple[int, str, str]]) -> None:
    """Give places away: (tier, who, their name)."""
    rows = [
        {"lottery": no, "round": round_no, "tier": tier, "member": member_id, "name": name, "state": "won"}
        for tier, member_id, name in winners
    ]
    if rows:
        await db.execute(insert(seats), rows)


async def move_up(db: Database, no: int, round_no: int, tier: int, member_ids: Collection[str]) -> None:
    """Those who hold everyone's prize get a better one instead."""
    better = update(seats).where(seats.c.lottery == no, seats.c.member.in_(member_ids))
    await db.execute(better.values(tier=tier, round=round_no, state="won"))


async def seats_of(db: Database, no: int) -> list[Seat]:
    """Every place ever given, best tier first; within a tier in the order given."""
    listed = select(seats).where(seats.c.lottery == no).order_by(seats.c.tier, seats.c.id)
    return [Seat(row.id, row.round, row.tier, row.member, row.name, row.state) for row in await db.execute(listed)]


async def settle(db: Database, seat_ids: Sequence[int], state: str, at: datetime, by: str) -> None:
    """Mark places as claimed or void."""
    marked = update(seats).where(seats.c.id.in_(seat_ids)).values(state=state, settled_at=at, settled_by=by)
    await db.execute(marked)


async def winners_since(db: Database, groups: Sequence[str], since: datetime) -> set[str]:
    """Ids of those who have won something since then in lotteries of these groups, and have not given it back."""
    here = or_(*(_takes_place_in(group) for group in groups))
    won = (
        select(seats.c.member)
        .join(lotteries, lotteries.c.no == seats.c.lottery)
        .where(here, lotteries.c.closed_at >= since, seats.c.state != "void")
    )
    return {row.member for row in await db.execute(won)}
