"""Storage: finding a word among a million messages: a full-text index that follows the archive at its own pace.

The index (bot.storage.index) keeps no text of its own; what retention deletes simply finds nothing any more. It is
filled beside the hot path, a chunk at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, desc, func, select

from bot.storage.index import Said, index_of
from bot.storage.tables import activity, installation, members, messages
from bot.storage.tables import upsert as insert
from bot.storage.work import Work

CHUNK = 2000
"""Messages indexed in one transaction: about 40 ms of the writer."""
TAIL = 5000
"""At most so many messages that the index has not reached yet are looked through one by one."""
INDEXED = "search_indexed"


@dataclass(frozen=True, slots=True)
class Found:
    """One message of the archive with its sender's name of today."""

    no: int
    id: str
    group: str
    sender: str
    name: str
    at: datetime
    kind: str
    text: str


async def indexed(work: Work) -> int:
    """The number of the last message in the index."""
    kept = (await work.execute(select(installation.c.value).where(installation.c.key == INDEXED))).scalar_one_or_none()
    return int(kept or 0)


async def index_more(work: Work, limit: int = CHUNK) -> int:
    """Index the next messages; how many they were."""
    last = await indexed(work)
    next_rows = select(messages.c.no, messages.c.group, messages.c.text).where(messages.c.no > last)
    rows = list(await work.execute(next_rows.order_by(messages.c.no).limit(limit)))
    if not rows:
        return 0
    said = [Said(row.no, row.group, row.text) for row in rows if row.text.strip()]
    if said:
        await index_of(work).add(work, said)
    mark = insert(installation).values(key=INDEXED, value=str(rows[-1].no))
    await work.execute(mark.on_conflict_do_update(index_elements=["key"], set_={"value": mark.excluded.value}))
    return len(rows)


async def rebuild(work: Work) -> None:
    """Begin the index anew, without what retention has deleted; `index_more` fills it again."""
    await index_of(work).clear(work)
    mark = insert(installation).values(key=INDEXED, value="0")
    await work.execute(mark.on_conflict_do_update(index_elements=["key"], set_={"value": "0"}))


async def find(
    work: Work, words: str, *, group: str = "", sender: str = "", before: int = 0, limit: int = 50
) -> list[Found]:
    """The newest messages, all words in each; without words simply the newest. before: the `no` to go on below."""
    newest = (
        select(messages, func.coalesce(members.c.name, messages.c.sender).label("name"))
        .outerjoin(members, (members.c.group == messages.c.group) & (members.c.id == messages.c.sender))
        .limit(limit)
    )
    if group:
        # By time, because that is what the group's own index is ordered by.
        newest = newest.where(messages.c.group == group).order_by(desc(messages.c.at), desc(messages.c.no))
    else:
        newest = newest.order_by(desc(messages.c.no))
    if before and group:
        at = select(messages.c.at).where(messages.c.no == before).scalar_subquery()
        newest = newest.where(messages.c.at <= at, messages.c.no < before)
    elif before:
        newest = newest.where(messages.c.no < before)
    if sender:
        newest = newest.where(messages.c.sender == sender)
    wanted = words.split()[:8]
    if not wanted and group and sender:
        return await _of_sender(work, newest, group, sender, limit)
    if not wanted:
        return [_found(row) for row in await work.execute(newest)]
    last = await indexed(work)
    tail = newest.where(messages.c.no > max(last, await _newest(work) - TAIL))
    for word in wanted:
        tail = tail.where(messages.c.text.contains(word, autoescape=True))
    found = [_found(row) for row in await work.execute(tail)]
    reach = limit * (20 if sender else 4)
    if len(found) < limit and (numbers := await index_of(work).match(work, wanted, group, before, reach)):
        found += [_found(row) for row in await work.execute(newest.where(messages.c.no.in_(numbers)))]
    return found[:limit]


async def _of_sender(work: Work, newest: Select[Any], group: str, sender: str, limit: int) -> list[Found]:
    """What one person said, newest first: only the days on which they spoke are looked through."""
    mine = select(activity.c.day).where(activity.c.group == group, activity.c.member == sender)
    days = [date.fromisoformat(row.day) for row in await work.execute(mine.order_by(desc(activity.c.day)).limit(400))]
    if not days:
        # The bot's own words are not counted by day; of somebody who never spoke there is nothing to find.
        lately = newest.where(messages.c.no > await _newest(work) - 10 * TAIL)
        return [_found(row) for row in await work.execute(lately)]
    found: list[Found] = []
    for first, last in _runs(days):
        if len(found) >= limit:
            break
        # Their days are those of the group's zone; a day in UTC begins at most 14 hours earlier or 12 later.
        start = datetime.combine(first, time(), UTC) - timedelta(hours=14)
        end = datetime.combine(last, time(), UTC) + timedelta(hours=36)
        some = newest.where(messages.c.at >= start, messages.c.at < end).limit(limit - len(found))
        found += [_found(row) for row in await work.execute(some)]
    return found


def _runs(days: list[date]) -> list[tuple[date, date]]:
    """Days, newest first, as (first, last) of stretches that have at least two days between them."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and runs[-1][0] - day <= timedelta(days=3):
            runs[-1] = (day, runs[-1][1])
        else:
            runs.append((day, day))
    return runs


async def _newest(work: Work) -> int:
    return int((await work.execute(select(func.max(messages.c.no)))).scalar_one() or 0)


def _found(row: Any) -> Found:
    return Found(row.no, row.id, row.group, row.sender, row.name, row.at, row.kind, row.text)
