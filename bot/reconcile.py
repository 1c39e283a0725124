"""Engine room: the member list as it is now, compared with what we know: joins and leaves nobody announced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.attendance import Attendance
from bot.events import Event, MemberJoined, MemberLeft, RosterSeen, TopicChanged
from bot.model import Member
from bot.storage.known import Known
from bot.storage.roster import BASELINE
from bot.storage.work import Work

STALE = timedelta(seconds=30)
"""A member list may have been read a little before an event that overtook it."""
NEW_AT_ONCE = 20
"""More newcomers than this, and than were known, in one list: the gateway had not known the whole group before."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Says in the words of comings and goings what a list shows."""

    attendance: Attendance

    async def observe(self, work: Work, event: RosterSeen) -> list[Event]:
        """What the list shows that nobody announced; the first list of a group shows nothing new."""
        page = self.attendance.book.pages[event.group]
        derived: list[Event] = []
        if event.topic and event.topic != page.topic:
            if page.topic:
                topic = f"roster-topic:{event.group}:{event.at.timestamp():.0f}"
                derived.append(TopicChanged(id=topic, at=event.at, group=event.group, topic=event.topic))
            self.attendance.book.change(work, event.group, topic=event.topic)
        roster = dict(await self.attendance.cache.group(work, event.group))
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
            self.attendance.book.change(work, event.group, size=size)
        return derived

    async def _baseline(self, work: Work, event: RosterSeen) -> None:
        """The first whole list of a group: these people were there before us, nobody is greeted."""
        for member in event.members:
            await self.attendance.meet(work, event, member)
        page = self.attendance.book.pages[event.group]
        before, page.baseline_at = page.baseline_at, event.at
        work.on_rollback.append(lambda: setattr(page, "baseline_at", before))
        work.later(BASELINE, {"of": event.group, "at": event.at})
        work.after_commit.append(lambda: self.attendance.cache.drop(event.group))

    async def _listed(self, work: Work, event: RosterSeen, roster: Mapping[str, Known], member: Member) -> list[Event]:
        known = roster.get(member.id)
        if known is not None and known.present and not self.attendance.is_newer(known, event):
            return (await self.attendance.meet(work, event, member))[1]
        if known is not None and known.left_at is not None and known.left_at > event.at - STALE:
            return []
        joined = MemberJoined(
            id=f"roster-join:{event.group}:{member.id}:{event.at.timestamp():.0f}",
            at=event.at,
            group=event.group,
            member=member,
            source="roster",
        )
        return await self.attendance.joined(work, joined)

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
        return await self.attendance.left(work, left)


def _was_a_fraction(roster: Mapping[str, Known], listed: Mapping[str, Member]) -> bool:
    """Whether so many are new at once that the list before must have been incomplete."""
    new = sum(1 for member in listed if member not in roster)
    return new > max(NEW_AT_ONCE, len(listed) - new)


def _plausible(roster: Mapping[str, Known], listed: Mapping[str, Member]) -> bool:
    """A gateway that has just started may answer with a fraction of the list; nobody leaves because of that."""
    present = [member for member, known in roster.items() if known.present]
    kept = sum(1 for member in present if member in listed)
    return bool(listed) and (len(present) < 8 or kept * 2 >= len(present))
