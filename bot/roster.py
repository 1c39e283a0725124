"""Engine room: every event first passes here, so that the roster is right before a plugin sees it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from sqlalchemy import func, select

from bot.attendance import Attendance
from bot.book import Book
from bot.events import (
    Event,
    GatewayChanged,
    MemberJoined,
    MemberLeft,
    MemberRenamed,
    MemberRoleChanged,
    MessageReceived,
    RedPacketSent,
    RosterSeen,
    TopicChanged,
)
from bot.reconcile import Comparison
from bot.storage.archive import store_message
from bot.storage.known import RosterCache
from bot.storage.roster import SPOKE
from bot.storage.tables import UtcDateTime, handled
from bot.storage.work import Work

GAP = timedelta(seconds=5)
"""A shorter absence is not worth a mark."""


@dataclass(slots=True)
class Roster:
    """Keeps `members`, `member_history`, the archive and the group book in step with what happens."""

    book: Book
    cache: RosterCache
    _attendance: Attendance = field(init=False)

    def __post_init__(self) -> None:
        self._attendance = Attendance(self.book, self.cache)

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
                known = await self._attendance.meet(work, event, event.sender)
                self._archive(work, event, event.sender.id, "red_packet", "")
                return [*known[1], replace(event, sender=known[0])]
            case MemberJoined():
                return await self._attendance.joined(work, event)
            case MemberLeft():
                return await self._attendance.left(work, event)
            case MemberRenamed() | MemberRoleChanged():
                return (await self._attendance.meet(work, event, event.member))[1]
            case TopicChanged():
                if page.topic == event.topic:
                    return []
                self.book.change(work, event.group, topic=event.topic)
                return [event]
            case RosterSeen():
                return await Comparison(self._attendance).observe(work, event)
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
        sender, derived = await self._attendance.meet(work, event, event.sender)
        known = (await self.cache.group(work, event.group))[sender.id]
        known.message_count += 1
        known.last_spoke_at = max(known.last_spoke_at or event.at, event.at)
        work.on_rollback.append(partial(self.cache.drop, event.group))
        work.later(SPOKE, {"of": event.group, "who": sender.id, "spoke_at": event.at})
        text = event.text or event.title
        day = event.at.astimezone(self.book.info(event.group).zone).date()
        store_message(work, event.id, event.group, sender.id, event.at, event.kind.value, text, day)
        seen = event if sender == event.sender else replace(event, sender=sender)
        return [*derived, seen] if derived else [seen]

    def _archive(self, work: Work, event: Event, sender: str, kind: str, text: str) -> None:
        store_message(work, event.id, event.group, sender, event.at, kind, text, None)
