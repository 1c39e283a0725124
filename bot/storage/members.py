"""Storage: the roster of a group: who is in it, since when, brought by whom, and how much they speak."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, desc, func, or_, select, update

from bot.context import DayNumbers, Profile
from bot.model import Role
from bot.storage.comings import count_comings
from bot.storage.forget import ALIAS, Forgetting, traces
from bot.storage.known import UNNAMED, RosterCache, effective_role
from bot.storage.notes import NoteStore
from bot.storage.tables import activity, audit, member_history, members
from bot.storage.work import Work

BLACKLIST = "blacklist"
"""Under this name notes of no group keep who is banned, and by which case."""


def _profile(member_id: str, role: Role, seen: Any) -> Profile:
    """From a row of the table or from what is kept of it in memory: both name their parts alike."""
    return Profile(
        id=member_id,
        name=seen.name or UNNAMED,
        role=role,
        first_seen_at=seen.first_seen_at,
        joined_at=seen.joined_at,
        left_at=seen.left_at,
        inviter_id=seen.inviter_id,
        last_spoke_at=seen.last_spoke_at,
        message_count=seen.message_count,
        join_count=seen.join_count,
    )


@dataclass(slots=True)
class MemberStore:
    """Implements bot.context.Members for one group."""

    work: Work
    group: str
    now: datetime
    event_id: str
    cache: RosterCache
    self_id: str

    async def _list(self, *where: Any, limit: int = 1000) -> list[Profile]:
        rows = await self.work.execute(
            select(members)
            .where(members.c.group == self.group, *where)
            .order_by(members.c.joined_at, members.c.first_seen_at, members.c.id)
            .limit(limit)
        )
        keepers = self.cache.keepers
        return [_profile(row.id, effective_role(row.role, row.named_role, row.id in keepers), row) for row in rows]

    async def get(self, member_id: str) -> Profile | None:
        known = (await self.cache.group(self.work, self.group)).get(member_id)
        return None if known is None else _profile(member_id, known.role, known)

    async def find(self, name: str) -> list[Profile]:
        present = members.c.left_at.is_(None)
        exact = await self._list(present, or_(members.c.name == name, members.c.id == name), limit=10)
        return exact or await self._list(present, members.c.name.contains(name, autoescape=True), limit=10)

    async def present(self) -> list[Profile]:
        return await self._list(members.c.left_at.is_(None), members.c.id != self.self_id)

    async def count(self) -> int:
        count = select(func.count()).where(members.c.group == self.group, members.c.left_at.is_(None))
        return int((await self.work.execute(count)).scalar_one())

    async def role_of(self, member_id: str) -> Role:
        known = (await self.cache.group(self.work, self.group)).get(member_id)
        if known is None or not known.present:
            # Who has left keeps nothing but what is theirs everywhere.
            left = effective_role(0, None, member_id in self.cache.keepers)
            return max(left, self.cache.outside.get(member_id, Role.MEMBER))
        return known.role

    async def is_exempt(self, member_id: str) -> bool:
        known = (await self.cache.group(self.work, self.group)).get(member_id)
        return member_id in (self.self_id, *self.cache.keepers) or (known is not None and known.exempt_at(self.now))

    async def exempt(self, member_id: str, *, until: datetime | None, by: str) -> None:
        await self._change(member_id, {"exempt": 1, "exempt_until": until}, "exempt", by)

    async def exempted(self) -> list[tuple[Profile, datetime | None]]:
        roster = await self.cache.group(self.work, self.group)
        found = [
            (_profile(member_id, known.role, known), known.exempt_until)
            for member_id, known in roster.items()
            if known.present and known.exempt and (known.exempt_until is None or self.now < known.exempt_until)
        ]
        return sorted(found, key=lambda one: (one[0].name, one[0].id))

    async def set_role(self, member_id: str, role: Role | None, *, by: str) -> None:
        await self._change(member_id, {"named_role": None if role is None else int(role)}, "role", by)

    async def ban(self, member_id: str, case: int | None) -> None:
        blacklist = NoteStore(self.work, BLACKLIST, "", self.now)
        if case is None:
            await blacklist.delete(member_id)
        else:
            await blacklist.set(member_id, str(case))

    async def banned(self, member_id: str) -> int | None:
        case = await NoteStore(self.work, BLACKLIST, "", self.now).get(member_id)
        return None if case is None else int(case)

    async def traces(self, member_id: str) -> dict[str, int]:
        return await traces(self.work, member_id)

    async def forget(self, member_id: str, alias: str, *, by: str) -> list[str]:
        evidence = await self.banned(member_id) is not None
        groups = await Forgetting(self.work, self.cache, member_id, alias).run(evidence=evidence)
        row = {"at": self.now, "group": self.group, "actor": by, "what": "member.forgotten", "detail": {"alias": alias}}
        self.work.add(audit, {**row, "case": None, "event_id": self.event_id})
        return groups

    async def _change(self, member_id: str, values: dict[str, Any], what: str, by: str) -> None:
        await self.work.execute(
            update(members).where(members.c.group == self.group, members.c.id == member_id).values(values)
        )
        self.cache.drop(self.group)
        self.work.after_commit.append(lambda: self.cache.drop(self.group))
        self.work.on_rollback.append(lambda: self.cache.drop(self.group))
        detail = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}
        history = {"group": self.group, "member": member_id, "at": self.now, "what": what}
        self.work.add(member_history, {**history, "detail": {**detail, "by": by}})
        self.work.add(
            audit,
            {
                "at": self.now,
                "group": self.group,
                "actor": by,
                "what": f"member.{what}",
                "detail": {"member": member_id, **detail},
                "case": None,
                "event_id": self.event_id,
            },
        )

    async def messages_of(self, member_id: str, first: date, last: date) -> int:
        total = select(func.coalesce(func.sum(activity.c.messages), 0)).where(
            activity.c.group == self.group,
            activity.c.day.between(first.isoformat(), last.isoformat()),
            activity.c.member == member_id,
        )
        return int((await self.work.execute(total)).scalar_one())

    async def joined_between(self, start: datetime, end: datetime) -> list[Profile]:
        return await self._list(members.c.joined_at >= start, members.c.joined_at < end, members.c.left_at.is_(None))

    async def numbers(self, first: date, last: date) -> DayNumbers:
        days = and_(activity.c.group == self.group, activity.c.day.between(first.isoformat(), last.isoformat()))
        total = select(
            func.coalesce(func.sum(activity.c.messages), 0), func.count(func.distinct(activity.c.member))
        ).where(days, activity.c.messages > 0)
        spoke: Any = (await self.work.execute(total)).one()
        spoken = func.sum(activity.c.messages).label("spoken")
        top = (
            select(activity.c.member, spoken)
            .where(days, ~activity.c.member.startswith(ALIAS))
            .group_by(activity.c.member)
            .having(spoken > 0)
            .order_by(desc("spoken"), activity.c.member)
            .limit(10)
        )
        best = tuple((row.member, int(row.spoken)) for row in await self.work.execute(top))
        day = func.json_extract(member_history.c.detail, "$.day")
        mine = (member_history.c.group == self.group, day.between(first.isoformat(), last.isoformat()))
        moved: Any = (await self.work.execute(count_comings(*mine))).one()
        return DayNumbers(int(spoke[0]), int(spoke[1]), int(moved[0]), int(moved[1]), best)
