"""Storage: a plugin's own notes and timers in one group, bound to one unit of work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, or_, select

from bot.storage.tables import notes, timers
from bot.storage.tables import upsert as insert
from bot.storage.work import Work

_alive = or_(notes.c.expires_at.is_(None), notes.c.expires_at > bindparam("now"))
_where = (
    notes.c.plugin == bindparam("plugin"),
    notes.c.group == bindparam("in_group"),
)
_GET = select(notes.c.value).where(*_where, notes.c.key == bindparam("k"), _alive)
_ALL = (
    select(notes.c.key, notes.c.value)
    .where(*_where, notes.c.key >= bindparam("low"), notes.c.key < bindparam("high"), _alive)
    .order_by(notes.c.key)
)
_DELETE = delete(notes).where(*_where, notes.c.key == bindparam("k"), _alive)
_insert = insert(notes)
_SET = _insert.on_conflict_do_update(
    index_elements=["plugin", "group", "key"],
    set_={"value": _insert.excluded.value, "expires_at": _insert.excluded.expires_at},
)
_START = insert(timers).on_conflict_do_nothing(index_elements=["plugin", "group", "name"])
_timer = (
    timers.c.plugin == bindparam("plugin"),
    timers.c.group == bindparam("in_group"),
    timers.c.name == bindparam("k"),
)
_CANCEL = delete(timers).where(*_timer)
_DUE_AT = select(timers.c.due_at).where(*_timer)
_LAST = chr(0x10FFFF)


@dataclass(slots=True)
class NoteStore:
    """Implements bot.context.Notes."""

    work: Work
    plugin: str
    group: str
    now: datetime

    def _key(self, key: str) -> dict[str, object]:
        return {"plugin": self.plugin, "in_group": self.group, "k": key, "now": self.now}

    async def get(self, key: str) -> str | None:
        value = (await self.work.execute(_GET, self._key(key), alone=True)).scalar_one_or_none()
        return None if value is None else str(value)

    async def set(self, key: str, value: str, *, lasts: timedelta | None = None) -> None:
        await self.work.execute(
            _SET,
            {
                "plugin": self.plugin,
                "group": self.group,
                "key": key,
                "value": value,
                "expires_at": None if lasts is None else self.now + lasts,
            },
            alone=True,
        )

    async def delete(self, key: str) -> bool:
        return (await self.work.execute(_DELETE, self._key(key), alone=True)).rowcount > 0

    async def all(self, prefix: str = "") -> dict[str, str]:
        rows = await self.work.execute(_ALL, {**self._key(""), "low": prefix, "high": prefix + _LAST}, alone=True)
        return {row.key: row.value for row in rows}


@dataclass(slots=True)
class TimerStore:
    """Implements bot.context.Timers. `changed` is called after the commit that changed a timer."""

    work: Work
    plugin: str
    group: str
    now: datetime
    changed: Callable[[], None]

    async def start(
        self,
        name: str,
        after: timedelta | None = None,
        *,
        at: datetime | None = None,
        payload: Mapping[str, str] | None = None,
    ) -> bool:
        if (after is None) == (at is None):
            raise ValueError("a timer wants either `after` or `at`")
        row = {
            "plugin": self.plugin,
            "group": self.group,
            "name": name,
            "due_at": at if at is not None else self.now + (after or timedelta()),
            "payload": dict(payload or {}),
        }
        started = (await self.work.execute(_START, row, alone=True)).rowcount > 0
        self.work.after_commit.append(self.changed)
        return started

    async def cancel(self, name: str) -> bool:
        key = {"plugin": self.plugin, "in_group": self.group, "k": name}
        cancelled = (await self.work.execute(_CANCEL, key, alone=True)).rowcount > 0
        self.work.after_commit.append(self.changed)
        return cancelled

    async def due_at(self, name: str) -> datetime | None:
        key = {"plugin": self.plugin, "in_group": self.group, "k": name}
        return (await self.work.execute(_DUE_AT, key, alone=True)).scalar_one_or_none()
