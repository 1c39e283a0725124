"""Plugin: what the invite plugin keeps, as functions over the event's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import case, desc, func, insert, select, update

from bot.context import Database
from plugins.invite.model import Invitation, Source, State
from plugins.invite.tables import invitations

_CHAIN = 50


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
    )


async def add(db: Database, row: dict[str, Any]) -> int:
    """The new row's id, never used again for another."""
    return int((await db.execute(insert(invitations).values(row).returning(invitations.c.id))).scalar_one())


async def change(db: Database, invitation_id: int, **values: Any) -> None:
    await db.execute(update(invitations).where(invitations.c.id == invitation_id).values(values))


async def get(db: Database, invitation_id: int) -> Invitation | None:
    row = (await db.execute(select(invitations).where(invitations.c.id == invitation_id))).one_or_none()
    return None if row is None else _invitation(row)


async def of_invitee(db: Database, member_id: str) -> list[Invitation]:
    """Every coming of one person, in any group, newest first."""
    found = select(invitations).where(invitations.c.invitee == member_id).order_by(desc(invitations.c.id))
    return [_invitation(row) for row in await db.execute(found)]


async def of_inviter(db: Database, member_id: str, limit: int) -> list[Invitation]:
    """Whom one person brought, into any group, newest first."""
    found = select(invitations).where(invitations.c.inviter == member_id).order_by(desc(invitations.c.id)).limit(limit)
    return [_invitation(row) for row in await db.execute(found)]


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
        .where(
            invitations.c.group == group,
            invitations.c.inviter != "",
            invitations.c.state.in_((State.COUNTED, State.PENDING)),
        )
        .group_by(invitations.c.inviter)
        .order_by(desc("counted"), desc("pending"), invitations.c.inviter)
        .limit(limit)
    )
    return [(row.inviter, row.name, int(row.counted), int(row.pending)) for row in await db.execute(ranked)]


async def settle(db: Database, one: Invitation, state: State, at: datetime, *, reason: str = "") -> None:
    """Move an invitation to its next state."""
    await change(db, one.id, state=state, reason=reason, settled_at=at)
