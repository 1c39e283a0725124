"""Engine room: when jobs are due by the groups' own settings and clocks, and the rows that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from bot.book import Book
from bot.plugin import Job
from bot.storage.tables import jobs, timers
from bot.storage.work import Work

of_one = (jobs.c.plugin == bindparam("of"), jobs.c.name == bindparam("job"), jobs.c.group == bindparam("in_group"))
DROP = delete(jobs).where(*of_one)
_new = insert(jobs)
_PLAN = _new.on_conflict_do_update(
    index_elements=["plugin", "name", "group"],
    set_={"rule": _new.excluded.rule, "next_at": _new.excluded.next_at},
)


def next_daily(at: time, zone: ZoneInfo, after: datetime) -> datetime:
    """The first moment strictly after `after` at which a day of the zone reaches `at`; aware UTC.

    Once a day without exception: a time that the clocks leave out comes as much later as they jump, one that they show
    twice comes the first time. (APScheduler's cron trigger stands still on such days.)
    """
    day = after.astimezone(zone).date() - timedelta(days=1)
    while (moment := datetime.combine(day, at, zone).astimezone(UTC)) <= after:
        day += timedelta(days=1)
    return moment


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of what is scheduled."""

    at: datetime
    plugin: str
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class Timetable:
    """The jobs of all plugins, by plugin and name, as each group wants them."""

    book: Book
    jobs: Mapping[tuple[str, str], Job]

    def time_of(self, plugin: str, job: Job, group: str) -> time | None:
        return job.at(self.book.sections(group)[plugin]) if self.book.manages(group) else None

    async def rules(self, work: Work, wanted: Sequence[str]) -> dict[str, dict[tuple[str, str], str]]:
        """The rules planned so far, by group; all at once when many are asked for."""
        known = select(jobs.c.group, jobs.c.plugin, jobs.c.name, jobs.c.rule)
        found: dict[str, dict[tuple[str, str], str]] = {}
        for row in await work.execute(known.where(jobs.c.group == wanted[0]) if len(wanted) == 1 else known):
            found.setdefault(row.group, {})[row.plugin, row.name] = row.rule
        return found

    def plan_group(self, work: Work, group: str, have: Mapping[tuple[str, str], str], now: datetime) -> None:
        zone = self.book.info(group).zone
        for (plugin, name), job in self.jobs.items():
            at = self.time_of(plugin, job, group)
            rule = "" if at is None else f"daily {at.isoformat()} {zone.key}"
            if rule == have.get((plugin, name), ""):
                continue
            if at is None:
                work.later(DROP, {"of": plugin, "job": name, "in_group": group})
            else:
                next_at = next_daily(at, zone, now)
                row = {"plugin": plugin, "name": name, "group": group, "rule": rule, "next_at": next_at}
                work.later(_PLAN, row)


async def planned(work: Work, limit: int, group: str = "") -> list[Planned]:
    """What is due next, timers and jobs together; of one group and of none, or of all."""
    soon = select(timers.c.due_at, timers.c.plugin, timers.c.name, timers.c.group).order_by(timers.c.due_at)
    later = select(jobs.c.next_at, jobs.c.plugin, jobs.c.name, jobs.c.group).order_by(jobs.c.next_at)
    if group:
        soon = soon.where(timers.c.group.in_((group, "")))
        later = later.where(jobs.c.group.in_((group, "")))
    rows = [*(await work.execute(soon.limit(limit))), *(await work.execute(later.limit(limit)))]
    found = [Planned(row[0], row[1], row[2], row[3]) for row in rows]
    return sorted(found, key=lambda line: line.at)[:limit]
