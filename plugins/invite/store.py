"""Plugin: what the invite plugin keeps of comings, as functions over the event's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, desc, func, insert, select, update

from bot.context import Database
from plugins.invite.model import Invitation, Source, State
from plugins.invite.tables import invitations

_CHAIN = 50
_ALIVE = (State.PENDING, State.COUNTED)


def _invitation(row: Any) -> Invitation:
    return Invitation(
        id=row.id,
        group=row.group,
        invitee=row.invitee,
        invitee_name=row.invitee_name,
        inviter=row.inviter,
        inviter_name=row.inviter_name,
        source=Source(row.source),
        joined_at=row.joined_at,
        due_at=row.due_at,
        state=State(row.state),
        reason=row.reason,
        points=row.points,
        left_at=row.left_at,
        introduced=bool(row.introduced),
        hold=row.hold,
        channel=row.channel,
        guess=row.guess,
        guess_name=row.guess_name,
    )


async def _all(db: Database, *where: Any, limit: int = 1000) -> list[Invitation]:
    """Newest first."""
    found = select(invitations).where(*where).order_by(desc(invitations.c.id)).limit(limit)
    return [_invitation(row) for row in await db.execute(found)]


async def add(db: Database, row: dict[str, Any]) -> int:
    """The new row's id, never used again for another."""
    return int((await db.execute(insert(invitations).values(row).returning(invitations.c.id))).scalar_one())


async def change(db: Database, invitation_id: int, **values: Any) -> None:
    await db.execute(update(invitations).where(invitations.c.id == invitation_id).values(values))


async def get(db: Database, invitation_id: int) -> Invitation | None:
    found = await _all(db, invitations.c.id == invitation_id)
    return found[0] if found else None


async def of_invitee(db: Database, member_id: str) -> list[Invitation]:
    """Every coming of one person, in any group, newest first."""
    return await _all(db, invitations.c.invitee == member_id)


async def here(db: Database, group: str, member_id: str) -> Invitation | None:
    """The latest coming of one person into this group."""
    found = await _all(db, invitations.c.invitee == member_id, invitations.c.group == group, limit=1)
    return found[0] if found else None


async def of_inviter(db: Database, member_id: str, limit: int) -> list[Invitation]:
    """Whom one person brought, into any group, newest first."""
    return await _all(db, invitations.c.inviter == member_id, limit=limit)


async def guessed(db: Database, *, group: str = "", member_id: str = "", limit: int = 10) -> list[Invitation]:
    """Comings whose inviter somebody has named but nobody has confirmed: of a group, or of one inviter."""
    whose = invitations.c.group == group if group else invitations.c.guess == member_id
    return await _all(db, invitations.c.state == State.UNKNOWN, invitations.c.guess != "", whose, limit=limit)


async def batch(db: Database, one: Invitation, within: timedelta) -> list[Invitation]:
    """All whom the same inviter brought into the same group at about the same time, this one included."""
    near = invitations.c.joined_at.between(one.joined_at - within, one.joined_at + within)
    return await _all(db, invitations.c.inviter == one.inviter, invitations.c.group == one.group, near)


async def of_hold(db: Database, no: int) -> list[Invitation]:
    """The batch on this hold, oldest first."""
    return (await _all(db, invitations.c.hold == no))[::-1]


async def brought_by(db: Database, members: Iterable[str]) -> list[Invitation]:
    """Whose reward waits or is paid, of those whom any of these brought; oldest first."""
    found = await _all(db, invitations.c.inviter.in_(list(members)), invitations.c.state.in_(_ALIVE))
    return found[::-1]


async def second_of(db: Database, inviter: str) -> str:
    """Who brought the inviter, if that counts; "" when nobody did."""
    counted = select(invitations.c.inviter).where(
        invitations.c.invitee == inviter, invitations.c.state == State.COUNTED
    )
    return str((await db.execute(counted.order_by(invitations.c.id).limit(1))).scalar_one_or_none() or "")


async def totals(db: Database, member_id: str) -> dict[State, tuple[int, int]]:
    """How many people one person brought and the points for them, by state."""
    counted = (
        select(invitations.c.state, func.count().label("people"), func.sum(invitations.c.points).label("points"))
        .where(invitations.c.inviter == member_id)
        .group_by(invitations.c.state)
    )
    return {State(row.state): (int(row.people), int(row.points)) for row in await db.execute(counted)}


async def inviters_of(db: Database, member_id: str) -> list[str]:
    """Who brought this person, who brought that one, and so on; ends with the first one nobody brought."""
    chain: list[str] = []
    while member_id and len(chain) < _CHAIN:
        first = (
            select(invitations.c.inviter)
            .where(invitations.c.invitee == member_id, invitations.c.state != State.VOID, invitations.c.inviter != "")
            .order_by(invitations.c.id)
            .limit(1)
        )
        member_id = (await db.execute(first)).scalar_one_or_none() or ""
        if member_id in chain:
            break
        chain += [member_id] if member_id else []
    return chain


async def best(db: Database, group: str, limit: int) -> list[tuple[str, str, int, int]]:
    """(id, name, counted, pending) of those who brought most people into the group."""
    counted = func.sum(case((invitations.c.state == State.COUNTED, 1), else_=0))
    pending = func.sum(case((invitations.c.state == State.PENDING, 1), else_=0))
    ranked = (
        select(
            invitations.c.inviter,
            func.max(invitations.c.inviter_name).label("name"),
            counted.label("counted"),
            pending.label("pending"),
        )
        .where(invitations.c.group == group, invitations.c.inviter != "", invitations.c.state.in_(_ALIVE))
        .group_by(invitations.c.inviter)
        .order_by(desc("counted"), desc("pending"), invitations.c.inviter)
        .limit(limit)
    )
    return [(row.inviter, row.name, int(row.counted), int(row.pending)) for row in await db.execute(ranked)]


async def settle(db: Database, one: Invitation, state: State, at: datetime, *, reason: str = "") -> None:
    """Move an invitation to its next state."""
    await change(db, one.id, state=state, reason=reason, settled_at=at)
