"""Storage: cases, the numbered acts of enforcement with their reasons."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import desc, insert, select, update

from bot.context import Case
from bot.model import Member, Mode, Role, Signal
from bot.storage.tables import audit, cases
from bot.storage.work import Work

OPEN_STATES = ("open", "warned", "removing")


def _case(row: Any) -> Case:
    return Case(
        no=row.no,
        group=row.group,
        member=Member(row.member, row.name, Role.MEMBER),
        plugin=row.plugin,
        verdict=row.verdict,
        state=row.state,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        signals=tuple(Signal(*signal) for signal in row.signals),
        message_id=row.message_id,
        text=row.text,
        mode=Mode(row.mode),
        note=row.note,
    )


@dataclass(slots=True)
class CaseStore:
    """Implements bot.context.Cases for one group, on behalf of one plugin and event."""

    work: Work
    group: str
    plugin: str
    now: datetime
    event_id: str
    mode: Mode

    async def get(self, no: int) -> Case | None:
        row = (await self.work.execute(select(cases).where(cases.c.no == no), alone=True)).first()
        return None if row is None else _case(row)

    async def open_of(self, member_id: str) -> list[Case]:
        return await self._list(cases.c.member == member_id, cases.c.state.in_(OPEN_STATES))

    async def of(self, member_id: str, since: datetime | None = None) -> list[Case]:
        recent = () if since is None else (cases.c.opened_at >= since,)
        return await self._list(cases.c.member == member_id, *recent)

    async def recent(self, limit: int = 10) -> list[Case]:
        return await self._list(limit=limit)

    async def settled_of(self, plugin: str, limit: int, *, since: datetime) -> list[Case]:
        mine = (cases.c.plugin == plugin, cases.c.closed_at.is_not(None), cases.c.opened_at >= since)
        return await self._list(*mine, limit=limit)

    async def _list(self, *where: Any, limit: int = 200) -> list[Case]:
        newest = select(cases).where(cases.c.group == self.group, *where).order_by(desc(cases.c.no)).limit(limit)
        return [_case(row) for row in await self.work.execute(newest, alone=True)]

    async def open(
        self,
        member: Member,
        verdict: str,
        signals: Sequence[Signal],
        *,
        message_id: str = "",
        text: str = "",
        mode: Mode = Mode.ENFORCE,
    ) -> Case:
        row = {
            "group": self.group,
            "member": member.id,
            "name": member.name,
            "plugin": self.plugin,
            "verdict": verdict,
            "state": "open",
            "mode": self.mode.milder(mode).value,
            "opened_at": self.now,
            "signals": [[s.name, s.detail, s.weight] for s in signals],
            "event_id": self.event_id,
            "message_id": message_id,
            "text": text[:500],
        }
        no = (await self.work.execute(insert(cases).values(row).returning(cases.c.no), alone=True)).scalar_one()
        found = await self.get(int(no))
        assert found is not None
        return found

    async def settle(self, no: int, state: str, *, by: str = "", note: str = "") -> None:
        closed = None if state in OPEN_STATES else self.now
        values: dict[str, object] = {"state": state, "closed_at": closed}
        if note:
            values["note"] = note
        await self.work.execute(update(cases).where(cases.c.no == no).values(values), alone=True)
        self.work.add(
            audit,
            {
                "at": self.now,
                "group": self.group,
                "actor": by,
                "what": f"case.{state}",
                "detail": {"note": note},
                "case": no,
                "event_id": self.event_id,
            },
        )


async def modes_of(work: Work, numbers: Collection[int]) -> dict[int, Mode]:
    """How far what comes of these cases may go."""
    if not numbers:
        return {}
    found = select(cases.c.no, cases.c.mode).where(cases.c.no.in_(list(numbers)))
    return {row.no: Mode(row.mode) for row in await work.execute(found, alone=True)}
