"""Storage: the stored messages of the groups and the numbers kept beside them, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Integer, desc, func, or_, select, type_coerce

from bot.context import ArchivedMessage
from bot.model import Quote
from bot.storage.tables import activity, members, messages
from bot.storage.tables import upsert as insert
from bot.storage.work import Work

WALKED = 20_000
"""Messages among which the bot's own are looked for after a start."""

SAME = 50
"""Newest messages with the quoted words in them that are compared with the quotation."""

_counting = insert(activity)
COUNT = _counting.on_conflict_do_update(
    index_elements=["group", "day", "member"],
    set_={
        "messages": activity.c.messages + _counting.excluded.messages,
        "characters": activity.c.characters + _counting.excluded.characters,
    },
)
_columns = (
    messages.c.id,
    messages.c.group,
    messages.c.sender.label("sender_id"),
    messages.c.at,
    messages.c.kind,
    messages.c.text,
    messages.c.no,
)
"""In the order of ArchivedMessage's fields: a day is 20,000 rows, and by name each costs twice as much."""


def _message(row: Sequence[Any]) -> ArchivedMessage:
    return ArchivedMessage(*row)


def store_message(
    work: Work, message_id: str, group: str, sender: str, at: datetime, kind: str, text: str, day: date | None
) -> None:
    """Keep one message; `day` is the group's local day for its numbers, None when it is not to be counted."""
    work.add(
        messages,
        {"id": message_id, "group": group, "sender": sender, "at": at, "kind": kind, "text": text},
    )
    if day is not None:
        work.later(
            COUNT,
            {
                "group": group,
                "day": day.isoformat(),
                "member": sender,
                "messages": 1,
                "characters": len(text),
            },
        )


async def own_since(work: Work, since: datetime) -> list[ArchivedMessage]:
    """The newest of the bot's own messages that came back from the far side since then, oldest first."""
    # Only the end of the archive is walked through: it may hold a gigabyte, and a start must not read all of it.
    end = select(func.max(messages.c.no)).scalar_subquery() - WALKED
    own = select(*_columns).where(messages.c.kind == "own", messages.c.at >= since, messages.c.no > end)
    newest = own.order_by(desc(messages.c.no)).limit(300)
    return [_message(row) for row in await work.execute(newest)][::-1]


@dataclass(slots=True)
class ArchiveStore:
    """Implements bot.context.Archive."""

    work: Work
    group: str

    async def get(self, message_id: str) -> ArchivedMessage | None:
        found = select(*_columns).where(messages.c.id == message_id, messages.c.group == self.group).limit(1)
        row = (await self.work.execute(found)).first()
        return None if row is None else _message(row)

    async def last_of(self, member_id: str, limit: int = 5, *, since: datetime) -> list[ArchivedMessage]:
        newest = (
            select(*_columns)
            .where(messages.c.group == self.group, messages.c.at >= since, messages.c.sender == member_id)
            .order_by(desc(messages.c.at), desc(messages.c.no))
            .limit(limit)
        )
        return [_message(row) for row in await self.work.execute(newest)]

    async def hours(self, start: datetime, end: datetime) -> dict[datetime, int]:
        # As the plain milliseconds they are in the file.
        hour = (type_coerce(messages.c.at, Integer) // 3_600_000).label("hour")
        counted = select(hour, func.count().label("said")).where(
            messages.c.group == self.group, messages.c.at >= start, messages.c.at < end, messages.c.kind != "own"
        )
        rows = await self.work.execute(counted.group_by(hour))
        return {datetime.fromtimestamp(int(row.hour) * 3600, UTC): int(row.said) for row in rows}

    async def between(self, start: datetime, end: datetime, *, limit: int = 20_000) -> list[ArchivedMessage]:
        said = select(*_columns).where(
            messages.c.group == self.group, messages.c.at >= start, messages.c.at < end, messages.c.kind != "own"
        )
        newest = said.order_by(desc(messages.c.at), desc(messages.c.no)).limit(limit)
        return [_message(row) for row in await self.work.execute(newest)][::-1]

    async def taken_in(self, after: int, *, since: datetime, limit: int = 20_000) -> list[ArchivedMessage]:
        said = select(*_columns).where(messages.c.group == self.group, messages.c.at >= since, messages.c.no > after)
        newest = said.order_by(desc(messages.c.no)).limit(limit)
        return [_message(row) for row in await self.work.execute(newest)][::-1]

    async def search(self, text: str, limit: int = 5, *, since: datetime) -> list[ArchivedMessage]:
        newest = (
            select(*_columns)
            .where(
                messages.c.group == self.group,
                messages.c.at >= since,
                messages.c.text.contains(text, autoescape=True),
            )
            .order_by(desc(messages.c.at), desc(messages.c.no))
            .limit(limit)
        )
        return [_message(row) for row in await self.work.execute(newest)]

    async def quoted(self, quote: Quote, *, since: datetime) -> ArchivedMessage | None:
        found = await self.get(quote.id) if quote.id else None
        words = quote.text.strip()
        if found is not None or not words:
            return found
        # To the letter and whole: a short text stands in many messages, and their senders did not say it.
        same = [
            said
            for said in await self.search(words, SAME, since=since)
            if said.text.strip() == words and said.kind != "own"
        ]
        if len({said.sender_id for said in same}) > 1:
            called = await self._called(quote.sender, {said.sender_id for said in same})
            same = [said for said in same if said.sender_id in called]
        return same[0] if len({said.sender_id for said in same}) == 1 else None

    async def _called(self, name: str, among: set[str]) -> set[str]:
        """Which of these people the quotation names, by id or by the name they have now."""
        known = select(members.c.id).where(
            members.c.group == self.group, members.c.id.in_(among), or_(members.c.id == name, members.c.name == name)
        )
        return {row.id for row in await self.work.execute(known)}
