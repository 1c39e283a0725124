"""Engine room: who is in a group: met, renamed, come, gone; the rows and the marks that this leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.book import Book
from bot.events import Event, InviterLearned, MemberJoined, MemberLeft, MemberRenamed, MemberRoleChanged
from bot.model import Member, Role
from bot.storage.known import UNNAMED, Known, RosterCache
from bot.storage.roster import ADD, INVITED_BY, JOIN, JOIN_AGAIN, LEAVE, RENAME
from bot.storage.tables import member_history
from bot.storage.work import Work

MOMENT = timedelta(seconds=1)
LATE_INVITER = timedelta(minutes=10)
"""How long after a join found by comparison its announcement may still bring the inviter."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """Writes down what an event says about one member; returns what the plugins shall see of it."""

    book: Book
    cache: RosterCache

    async def meet(self, work: Work, event: Event, member: Member) -> tuple[Member, list[Event]]:
        """The member with the role the bot gives them, and what is new about them."""
        roster = await self.cache.group(work, event.group)
        known = roster.get(member.id)
        if known is None:
            known = self._add(work, roster, event, member, joined_at=None)
            return Member(member.id, known.name or UNNAMED, known.role), []
        if not member.name:
            member = replace(member, name=known.name)
        if known.name == member.name and known.platform_role == member.role:
            return (member if known.role == member.role else Member(member.id, member.name, known.role)), []
        return await self._changed(work, known, event, member)

    async def _changed(self, work: Work, known: Known, event: Event, member: Member) -> tuple[Member, list[Event]]:
        derived: list[Event] = []
        work.later(RENAME, {"of": event.group, "who": member.id, "name": member.name, "as_role": int(member.role)})
        self._drop(work, event.group, member.id)
        role = (await self.cache.group(work, event.group))[member.id].role
        now = Member(member.id, member.name or UNNAMED, role)
        about: dict[str, Any] = {"at": event.at, "group": event.group}
        if known.name and known.name != member.name:
            self._history(work, event, member.id, "renamed", {"from": known.name, "to": member.name})
            derived.append(MemberRenamed(id=f"{event.id}:renamed", member=now, old_name=known.name, **about))
        if known.role != role:
            self._history(work, event, member.id, "role", {"from": int(known.role), "to": int(role)})
            derived.append(MemberRoleChanged(id=f"{event.id}:role", member=now, old_role=known.role, **about))
        return now, derived

    def _add(
        self, work: Work, roster: dict[str, Known], event: Event, member: Member, joined_at: datetime | None
    ) -> Known:
        keeper = Role.KEEPER if member.id in self.cache.keepers else Role.MEMBER
        known = roster[member.id] = Known(
            member.name, max(member.role, keeper), int(member.role), None, joined_at, event.at, "", False, None
        )
        work.later(
            ADD,
            {
                "group": event.group,
                "id": member.id,
                "name": member.name,
                "role": int(member.role),
                "inviter_id": "",
                "first_seen_at": event.at,
                "joined_at": joined_at,
                "join_count": 0 if joined_at is None else 1,
            },
        )
        work.on_rollback.append(lambda: self.cache.drop(event.group))
        return known

    def _history(self, work: Work, event: Event, member: str, what: str, detail: Mapping[str, Any]) -> None:
        day = event.at.astimezone(self.book.info(event.group).zone).date().isoformat()
        row = {"group": event.group, "member": member, "at": event.at, "what": what}
        work.add(member_history, {**row, "detail": {**detail, "day": day}})

    # ---- coming and going

    async def joined(self, work: Work, event: MemberJoined) -> list[Event]:
        roster = await self.cache.group(work, event.group)
        known = roster.get(event.member.id)
        name = event.member.name or (known.name if known else "")
        if known is not None and known.present and not self._only_spoke(known, event):
            return self._inviter_came_late(work, roster, known, event)
        if known is not None and known.left_at is not None and event.at < known.left_at:
            return []
        inviter = event.inviter.id if event.inviter else ""
        if known is None:
            self._add(work, roster, event, event.member, joined_at=event.at)
        row = {"of": event.group, "who": event.member.id, "name": name, "at": event.at, "by": inviter}
        work.later(JOIN_AGAIN if known else JOIN, row)
        self._drop(work, event.group, event.member.id)
        self._history(work, event, event.member.id, "joined", {"by": inviter, "source": event.source})
        size = self.book.pages[event.group].size
        self.book.change(work, event.group, size=size + 1 if size else 0)
        return [replace(event, member=replace(event.member, name=name or UNNAMED))]

    def is_newer(self, known: Known, event: Event) -> bool:
        """Whether they were met after the first list without having been on it, so that they have joined since."""
        baseline = self.book.pages[event.group].baseline_at
        return known.joined_at is None and baseline is not None and known.first_seen_at > baseline + MOMENT

    def _only_spoke(self, known: Known, event: MemberJoined) -> bool:
        """Whether somebody's words overtook the news that they have joined."""
        return self.is_newer(known, event) and event.at > known.first_seen_at - LATE_INVITER

    def _inviter_came_late(
        self, work: Work, roster: dict[str, Known], known: Known, event: MemberJoined
    ) -> list[Event]:
        recently = known.joined_at is not None and abs(event.at - known.joined_at) < LATE_INVITER
        if event.inviter is None or known.inviter_id or not recently:
            return []
        work.later(INVITED_BY, {"of": event.group, "who": event.member.id, "by": event.inviter.id})
        self._drop(work, event.group, event.member.id)
        member = Member(event.member.id, known.name, known.role)
        return [InviterLearned(id=event.id, at=event.at, group=event.group, member=member, inviter=event.inviter)]

    async def left(self, work: Work, event: MemberLeft) -> list[Event]:
        roster = await self.cache.group(work, event.group)
        known = roster.get(event.member.id)
        if known is None:
            self._add(work, roster, event, event.member, joined_at=None)
        elif not known.present or (known.joined_at is not None and event.at < known.joined_at):
            return []
        work.later(LEAVE, {"of": event.group, "who": event.member.id, "at": event.at})
        self._drop(work, event.group, event.member.id)
        by = event.by.id if event.by else ""
        self._history(work, event, event.member.id, "left", {"by": by, "source": event.source})
        size = self.book.pages[event.group].size
        self.book.change(work, event.group, size=max(size - 1, 0))
        return [event if known is None else replace(event, member=Member(event.member.id, known.name, known.role))]

    def _drop(self, work: Work, group: str, member: str) -> None:
        """The row is buffered: whoever asks next must read it, and a rollback must not leave it behind."""
        self.cache.drop_member(group, member)
        work.after_commit.append(lambda: self.cache.drop_member(group, member))
        work.on_rollback.append(lambda: self.cache.drop(group))
