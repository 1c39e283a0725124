"""Plugin: what the invite plugin keeps besides comings: rewards held, batches on hold, channels, code words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, update

from bot.context import Database
from bot.storage.tables import upsert
from plugins.invite.model import Hold, State
from plugins.invite.tables import channels, codes, holds, invitations, rewards

# Rewards


async def held_in(db: Database, member: str, month: str) -> int:
    """Points somebody holds for inviting in a month."""
    mine = (rewards.c.member == member, rewards.c.month == month)
    return int((await db.execute(select(func.coalesce(func.sum(rewards.c.points), 0)).where(*mine))).scalar_one())


async def reward_of(db: Database, key: str) -> tuple[str, int]:
    """(member, points held) of one reward; ("", 0) when there is none."""
    row = (await db.execute(select(rewards.c.member, rewards.c.points).where(rewards.c.key == key))).one_or_none()
    return ("", 0) if row is None else (row.member, row.points)


async def keep_reward(db: Database, key: str, member: str, level: int, about: int, points: int, month: str) -> None:
    row = {"key": key, "member": member, "level": level, "invitation": about, "points": points, "month": month}
    await db.execute(insert(rewards).values(row))


async def set_reward(db: Database, key: str, points: int) -> None:
    await db.execute(update(rewards).where(rewards.c.key == key).values(points=points))


async def owed(db: Database, member: str, since: datetime, counted: int) -> list[tuple[str, int]]:
    """(key, points held) of what somebody should have lost since then but did not have.

    counted: how many friends count now; steps of the ladder above it have been lost.
    """
    fell = select(invitations.c.id).where(invitations.c.state == State.DEDUCTED, invitations.c.settled_at >= since)
    friend = and_(rewards.c.level > 0, fell.where(invitations.c.id == rewards.c.invitation).exists())
    step = and_(
        rewards.c.level == 0, rewards.c.invitation > counted, fell.where(invitations.c.inviter == member).exists()
    )
    mine = (rewards.c.member == member, rewards.c.points > 0, or_(friend, step))
    return [(row.key, row.points) for row in await db.execute(select(rewards).where(*mine).order_by(rewards.c.key))]


async def steps_of(db: Database, member: str, step: int) -> list[tuple[str, int]]:
    """(key, points held) of each time somebody was paid for one step of the ladder, the first time first."""
    mine = (rewards.c.member == member, rewards.c.level == 0, rewards.c.invitation == step)
    found = select(rewards.c.key, rewards.c.points).where(*mine).order_by(func.length(rewards.c.key), rewards.c.key)
    return [(row.key, row.points) for row in await db.execute(found)]


# Holds


def _hold(row: Any) -> Hold:
    return Hold(row.no, row.group, row.inviter, row.inviter_name, row.state, row.score, tuple(row.why))


async def hold(db: Database, no: int) -> Hold | None:
    row = (await db.execute(select(holds).where(holds.c.no == no))).one_or_none()
    return None if row is None else _hold(row)


async def open_holds(db: Database, group: str, inviter: str = "") -> list[Hold]:
    where = [holds.c.group == group, holds.c.state == "open"] + ([holds.c.inviter == inviter] if inviter else [])
    return [_hold(row) for row in await db.execute(select(holds).where(*where).order_by(holds.c.no))]


async def open_hold(db: Database, row: dict[str, Any]) -> int:
    return int((await db.execute(insert(holds).values(**row, state="open").returning(holds.c.no))).scalar_one())


async def settle_hold(db: Database, no: int, state: str, at: datetime, by: str) -> None:
    await db.execute(update(holds).where(holds.c.no == no).values(state=state, settled_at=at, settled_by=by))


# Channels


async def channels_of(db: Database, group: str) -> list[Any]:
    found = select(channels).where(channels.c.group == group).order_by(channels.c.created_at, channels.c.word)
    return list(await db.execute(found))


async def add_channel(db: Database, row: dict[str, Any]) -> None:
    await db.execute(insert(channels).values(row))


async def change_channel(db: Database, group: str, word: str, **values: Any) -> None:
    await db.execute(update(channels).where(channels.c.group == group, channels.c.word == word).values(values))


async def came_by(db: Database, group: str) -> dict[str, tuple[int, int]]:
    """By channel: how many people came, and how many of them are still here."""
    came = func.count(func.distinct(invitations.c.invitee))
    stayed = came.filter(invitations.c.left_at.is_(None))
    found = select(invitations.c.channel, came.label("came"), stayed.label("stayed"))
    found = found.where(invitations.c.group == group, invitations.c.channel != "").group_by(invitations.c.channel)
    return {row.channel: (int(row.came), int(row.stayed)) for row in await db.execute(found)}


# Code words


async def code_of(db: Database, member: str) -> str:
    return str((await db.execute(select(codes.c.code).where(codes.c.member == member))).scalar_one_or_none() or "")


async def owner_of(db: Database, code: str) -> str:
    return str((await db.execute(select(codes.c.member).where(codes.c.code == code))).scalar_one_or_none() or "")


async def give_code(db: Database, code: str, member: str, name: str) -> bool:
    """Whether the code was free."""
    row = {"code": code, "member": member, "name": name}
    return (await db.execute(upsert(codes).values(row).on_conflict_do_nothing())).rowcount == 1
