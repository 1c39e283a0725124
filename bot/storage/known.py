"""Storage: what is kept in memory of the rosters, so that an ordinary message needs no look-up."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from bot.model import Role
from bot.storage.tables import members
from bot.storage.work import Work

GROUPS_IN_MEMORY = 400
"""A heavy account has 300 groups; a roster of 500 takes about 100 kB."""

_ROSTER = select(
    members.c.id,
    members.c.name,
    members.c.role,
    members.c.named_role,
    members.c.left_at,
    members.c.joined_at,
    members.c.first_seen_at,
    members.c.inviter_id,
    members.c.exempt,
    members.c.exempt_until,
    members.c.last_spoke_at,
    members.c.message_count,
    members.c.join_count,
).where(members.c.group == bindparam("in_group"))
_SOME = _ROSTER.where(members.c.id.in_(bindparam("ids", expanding=True)))
MOST_CHANGED = 100
"""Rows that are asked for by name; where more have changed the whole roster is read."""


UNNAMED = "群友"
"""What somebody is called whose name the gateway has not told yet; the file keeps their name empty."""


def effective_role(role: int, named_role: int | None, keeper: bool) -> Role:
    """The highest of what the platform says, what the owner named, and whether they own the bot."""
    return Role(max(role, named_role or 0, Role.KEEPER if keeper else 0))


@dataclass(slots=True)
class Known:
    """One row of a roster in memory. role: the effective one; platform_role: what the transport last said."""

    name: str
    role: Role
    platform_role: int
    left_at: datetime | None
    joined_at: datetime | None
    first_seen_at: datetime
    inviter_id: str
    exempt: bool
    exempt_until: datetime | None
    last_spoke_at: datetime | None = None
    message_count: int = 0
    join_count: int = 0

    @property
    def present(self) -> bool:
        return self.left_at is None

    def exempt_at(self, now: datetime) -> bool:
        """Whether rules do not apply to them: those with a role, and those whom an admin exempted."""
        if self.role >= Role.HELPER:
            return True
        return self.exempt and (self.exempt_until is None or now < self.exempt_until)


@dataclass(slots=True)
class RosterCache:
    """Rosters of the groups heard from lately. Whoever writes to `members` changes or drops them here too."""

    keepers: frozenset[str]
    outside: dict[str, Role] = field(default_factory=dict)
    """What those may do who are in no group: whoever is logged in to the console."""
    _groups: OrderedDict[str, dict[str, Known]] = field(default_factory=OrderedDict)
    _changed: dict[str, set[str]] = field(default_factory=dict)
    """Members of groups in memory whose rows are to be read again."""

    async def group(self, work: Work, group: str) -> dict[str, Known]:
        """The roster by member id, read once and then kept."""
        roster = self._groups.get(group)
        if roster is not None:
            self._groups.move_to_end(group)
            if group in self._changed:
                await self._look_again(work, group, roster)
            return roster
        roster = self._rows(await work.execute(_ROSTER, {"in_group": group}))
        self._groups[group] = roster
        if len(self._groups) > GROUPS_IN_MEMORY:
            self.drop(next(iter(self._groups)))
        return roster

    async def _look_again(self, work: Work, group: str, roster: dict[str, Known]) -> None:
        changed = self._changed.pop(group)
        try:
            found = self._rows(await work.execute(_SOME, {"in_group": group, "ids": list(changed)}))
        except BaseException:
            self.drop(group)
            raise
        roster.update(found)
        for member in changed - found.keys():
            roster.pop(member, None)

    def _rows(self, rows: Iterable[Row[Any]]) -> dict[str, Known]:
        return {
            row.id: Known(
                row.name,
                effective_role(row.role, row.named_role, row.id in self.keepers),
                row.role,
                row.left_at,
                row.joined_at,
                row.first_seen_at,
                row.inviter_id,
                bool(row.exempt),
                row.exempt_until,
                row.last_spoke_at,
                row.message_count,
                row.join_count,
            )
            for row in rows
        }

    def drop(self, group: str) -> None:
        """Read the whole roster again when somebody next asks."""
        self._groups.pop(group, None)
        self._changed.pop(group, None)

    def drop_member(self, group: str, member: str) -> None:
        """Read one row again: a group that people come to and go from is not read whole for each of them."""
        if group in self._groups:
            changed = self._changed.setdefault(group, set())
            changed.add(member)
            if len(changed) > MOST_CHANGED:
                self.drop(group)

    def clear(self) -> None:
        self._groups.clear()
        self._changed.clear()
