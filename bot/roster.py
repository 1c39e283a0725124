"""Engine room: every event first passes here, so that the roster is right before a plugin sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.book import Book
from bot.events import (
    Event,
    GatewayChanged,
    InviterLearned,
    MemberJoined,
    MemberLeft,
    MemberRenamed,
    MemberRoleChanged,
    MessageReceived,
    RedPacketSent,
    RosterSeen,
    TopicChanged,
)
from bot.model import Member, Role
from bot.storage.archive import store_message
from bot.storage.known import UNNAMED, Known, RosterCache
from bot.storage.tables import UtcDateTime, groups, handled, member_history, members
from bot.storage.work import Work

STALE = timedelta(seconds=30)
"""A member list may have been read a little before an event that overtook it."""
GAP = timedelta(seconds=5)
"""A shorter absence is not worth a mark."""
MOMENT = timedelta(seconds=1)
NEW_AT_ONCE = 20
"""More newcomers than this, and than were known, in one list: the gateway had not known the whole group before."""
LATE_INVITER = timedelta(minutes=10)
"""How long after a join found by comparison its announcement may still bring the inviter."""

_new = insert(members)
_ADD = _new.on_conflict_do_nothing(index_elements=["group", "id"])
_SPOKE = (
    update(members)
    .where(members.c.group == bindparam("of"), members.c.id == bindparam("who"))
    .values(
        message_count=members.c.message_count + 1,
        last_spoke_at=func.max(func.coalesce(members.c.last_spoke_at, 0), bindparam("spoke_at", type_=UtcDateTime())),
    )
)


@dataclass(slots=True)
class Roster:
    """Keeps `members`, `member_history`, the archive and the group book in step with what happens."""

    book: Book
    cache: RosterCache

    async def observe(self, work: Work, event: Event) -> list[Event]:
        """Write down what the event says about groups and members; returns what the plugins shall see.

        Empty when the event is an echo of something already known. May add events nobody announced.
        """
        if not event.group:
            return [event]
        page = self.book.page(work, event.group, event.at)
        match event:
            case MessageReceived():
                return await self._spoke(work, event)
            case RedPacketSent():
                known = await self._meet(work, event, event.sender)
                self._archive(work, event, event.sender.id, "red_packet", "")
                return [*known[1], replace(event, sender=known[0])]
            case MemberJoined():
                return await self._joined(work, event)
            case MemberLeft():
                return await self._left(work, event)
            case MemberRenamed() | MemberRoleChanged():
                return (await self._meet(work, event, event.member))[1]
            case TopicChanged():
                if page.topic == event.topic:
                    return []
                self.book.change(work, event.group, topic=event.topic)
                return [event]
            case RosterSeen():
                return await self._compared(work, event)
            case _:
                return [event]

    async def gap(self, work: Work, event: GatewayChanged) -> None:
        """Mark in every group's archive that messages may be missing, since the last event when nobody knows better."""
        if not event.up:
            return
        since = event.gap_from
        if since is None:
            last = select(func.max(handled.c.at, type_=UtcDateTime()).label("at")).where(handled.c.id != event.id)
            since = (await work.execute(last)).scalar()
        if since is not None and event.at - since >= GAP:
            for group in self.book.managed():
                text = f"{since.isoformat()}/{event.at.isoformat()}"
                store_message(work, event.id, group, "", event.at, "gap", text, None)

    async def _spoke(self, work: Work, event: MessageReceived) -> list[Event]:
        sender, derived = await self._meet(work, event, event.sender)
        known = (await self.cache.group(work, event.group))[sender.id]
        known.message_count += 1
        known.last_spoke_at = max(known.last_spoke_at or event.at, event.at)
        work.on_rollback.append(partial(self.cache.drop, event.group))
        work.later(_SPOKE, {"of": event.group, "who": sender.id, "spoke_at": event.at})
        text = event.text or event.title
        day = event.at.astimezone(self.book.info(event.group).zone).date()
        store_message(work, event.id, event.group, sender.id, event.at, event.kind.value, text, day)
        seen = event if sender == event.sender else replace(event, sender=sender)
        return [*derived, seen] if derived else [seen]

    def _archive(self, work: Work, event: Event, sender: str, kind: str, text: str) -> None:
        store_message(work, event.id, event.group, sender, event.at, kind, text, None)

    async def _meet(self, work: Work, event: Event, member: Member) -> tuple[Member, list[Event]]:
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
        work.later(_RENAME, {"of": event.group, "who": member.id, "name": member.name, "as_role": int(member.role)})
        self._drop(work, event.group)
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
            _ADD,
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

    async def _joined(self, work: Work, event: MemberJoined) -> list[Event]:
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
        work.later(_JOIN_AGAIN if known else _JOIN, row)
        self._drop(work, event.group)
        self._history(work, event, event.member.id, "joined", {"by": inviter, "source": event.source})
        size = self.book.pages[event.group].size
        self.book.change(work, event.group, size=size + 1 if size else 0)
        return [replace(event, member=replace(event.member, name=name or UNNAMED))]

    def _is_newer(self, known: Known, event: Event) -> bool:
        """Whether they were met after the first list without having been on it, so that they have joined since."""
        baseline = self.book.pages[event.group].baseline_at
        return known.joined_at is None and baseline is not None and known.first_seen_at > baseline + MOMENT

    def _only_spoke(self, known: Known, event: MemberJoined) -> bool:
        """Whether somebody's words overtook the news that they have joined."""
        return self._is_newer(known, event) and event.at > known.first_seen_at - LATE_INVITER

    def _inviter_came_late(
        self, work: Work, roster: dict[str, Known], known: Known, event: MemberJoined
    ) -> list[Event]:
        recently = known.joined_at is not None and abs(event.at - known.joined_at) < LATE_INVITER
        if event.inviter is None or known.inviter_id or not recently:
            return []
        work.later(_INVITED_BY, {"of": event.group, "who": event.member.id, "by": event.inviter.id})
        self._drop(work, event.group)
        member = Member(event.member.id, known.name, known.role)
        return [InviterLearned(id=event.id, at=event.at, group=event.group, member=member, inviter=event.inviter)]

    async def _left(self, work: Work, event: MemberLeft) -> list[Event]:
        roster = await self.cache.group(work, event.group)
        known = roster.get(event.member.id)
        if known is None:
            self._add(work, roster, event, event.member, joined_at=None)
        elif not known.present or (known.joined_at is not None and event.at < known.joined_at):
            return []
        work.later(_LEAVE, {"of": event.group, "who": event.member.id, "at": event.at})
        self._drop(work, event.group)
        by = event.by.id if event.by else ""
        self._history(work, event, event.member.id, "left", {"by": by, "source": event.source})
        size = self.book.pages[event.group].size
        self.book.change(work, event.group, size=max(size - 1, 0))
        return [event if known is None else replace(event, member=Member(event.member.id, known.name, known.role))]

    def _drop(self, work: Work, group: str) -> None:
        """The rows are buffered: whoever asks next must read them, and a rollback must not leave them behind."""
        self.cache.drop(group)
        work.after_commit.append(lambda: self.cache.drop(group))
        work.on_rollback.append(lambda: self.cache.drop(group))

    # ---- comparing the member list

    async def _compared(self, work: Work, event: RosterSeen) -> list[Event]:
        page = self.book.pages[event.group]
        derived: list[Event] = []
        if event.topic and event.topic != page.topic:
            if page.topic:
                topic = f"roster-topic:{event.group}:{event.at.timestamp():.0f}"
                derived.append(TopicChanged(id=topic, at=event.at, group=event.group, topic=event.topic))
            self.book.change(work, event.group, topic=event.topic)
        roster = dict(await self.cache.group(work, event.group))
        listed = {member.id: member for member in event.members}
        plausible = page.baseline_at is None or _plausible(roster, listed)
        if page.baseline_at is None or (plausible and _was_a_fraction(roster, listed)):
            await self._baseline(work, event)
        elif plausible:
            for member in event.members:
                derived += await self._listed(work, event, roster, member)
            for member_id, known in roster.items():
                derived += await self._missing(work, event, listed, member_id, known)
        size = event.size or (len(event.members) if plausible else 0)
        if size:
            self.book.change(work, event.group, size=size)
        return derived

    async def _baseline(self, work: Work, event: RosterSeen) -> None:
        """The first whole list of a group: these people were there before us, nobody is greeted."""
        for member in event.members:
            await self._meet(work, event, member)
        page = self.book.pages[event.group]
        before, page.baseline_at = page.baseline_at, event.at
        work.on_rollback.append(lambda: setattr(page, "baseline_at", before))
        work.later(_BASELINE, {"of": event.group, "at": event.at})
        work.after_commit.append(lambda: self.cache.drop(event.group))

    async def _listed(self, work: Work, event: RosterSeen, roster: Mapping[str, Known], member: Member) -> list[Event]:
        known = roster.get(member.id)
        if known is not None and known.present and not self._is_newer(known, event):
            return (await self._meet(work, event, member))[1]
        if known is not None and known.left_at is not None and known.left_at > event.at - STALE:
            return []
        joined = MemberJoined(
            id=f"roster-join:{event.group}:{member.id}:{event.at.timestamp():.0f}",
            at=event.at,
            group=event.group,
            member=member,
            source="roster",
        )
        return await self._joined(work, joined)

    async def _missing(
        self, work: Work, event: RosterSeen, listed: Mapping[str, Member], member_id: str, known: Known
    ) -> list[Event]:
        since = known.joined_at or known.first_seen_at
        if member_id in listed or not known.present or since > event.at - STALE:
            return []
        left = MemberLeft(
            id=f"roster-leave:{event.group}:{member_id}:{event.at.timestamp():.0f}",
            at=event.at,
            group=event.group,
            member=Member(member_id, known.name, known.role),
            source="roster",
        )
        return await self._left(work, left)


def _was_a_fraction(roster: Mapping[str, Known], listed: Mapping[str, Member]) -> bool:
    """Whether so many are new at once that the list before must have been incomplete."""
    new = sum(1 for member in listed if member not in roster)
    return new > max(NEW_AT_ONCE, len(listed) - new)


def _plausible(roster: Mapping[str, Known], listed: Mapping[str, Member]) -> bool:
    """A gateway that has just started may answer with a fraction of the list; nobody leaves because of that."""
    present = [member for member, known in roster.items() if known.present]
    kept = sum(1 for member in present if member in listed)
    return bool(listed) and (len(present) < 8 or kept * 2 >= len(present))


_of = (members.c.group == bindparam("of"), members.c.id == bindparam("who"))
_RENAME = update(members).where(*_of).values(name=bindparam("name"), role=bindparam("as_role"))
_INVITED_BY = update(members).where(*_of).values(inviter_id=bindparam("by"))
_JOIN = (
    update(members).where(*_of).values(inviter_id=bindparam("by"), joined_at=bindparam("at"), name=bindparam("name"))
)
_JOIN_AGAIN = (
    update(members)
    .where(*_of)
    .values(
        name=bindparam("name"),
        inviter_id=bindparam("by"),
        joined_at=bindparam("at"),
        left_at=None,
        join_count=members.c.join_count + 1,
    )
)
_LEAVE = update(members).where(*_of).values(left_at=bindparam("at"))
_BASELINE = update(groups).where(groups.c.id == bindparam("of")).values(roster_at=bindparam("at"))
