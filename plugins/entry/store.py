"""Plugin: entry: reading and writing applications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, update

from bot.context import Database
from bot.model import Member
from plugins.entry.tables import application


class State(StrEnum):
    """ASKED → (REVIEW →) INVITED → JOINED; or REFUSED, EXPIRED, both of which an admin may still turn into INVITED."""

    ASKED = "asked"
    REVIEW = "review"
    INVITED = "invited"
    JOINED = "joined"
    REFUSED = "refused"
    EXPIRED = "expired"


LIVE = (State.ASKED, State.REVIEW)


@dataclass(frozen=True, slots=True)
class Application:
    no: int
    group: str
    member: Member
    gate: str
    state: State
    tries: int
    created_at: datetime
    due_at: datetime


def _application(row: Any) -> Application:
    member = Member(row.person, row.name)
    return Application(row.no, row.group, member, row.gate, State(row.state), row.tries, row.created_at, row.due_at)


async def begin(
    db: Database, group: str, member: Member, gate: str, state: State, now: datetime, due_at: datetime
) -> Application:
    row: dict[str, Any] = {
        "group": group,
        "person": member.id,
        "name": member.name,
        "gate": gate,
        "state": state.value,
        "tries": 0,
        "created_at": now,
        "due_at": due_at,
        "by": "",
        "note": "",
    }
    no = (await db.execute(insert(application).values(row).returning(application.c.no))).scalar_one()
    return Application(int(no), group, member, gate, state, 0, now, due_at)


async def get(db: Database, no: int) -> Application | None:
    row = (await db.execute(select(application).where(application.c.no == no))).one_or_none()
    return None if row is None else _application(row)


async def of_person(db: Database, person: str, group: str | None = None) -> list[Application]:
    """A person's applications, newest first, at most ten."""
    where = [application.c.person == person] + ([] if group is None else [application.c.group == group])
    rows = await db.execute(select(application).where(*where).order_by(application.c.no.desc()).limit(10))
    return [_application(row) for row in rows]


async def waiting(db: Database, group: str, limit: int) -> list[Application]:
    """Those under way, the ones that wait for an admin first."""
    live = [state.value for state in LIVE]
    found = (
        select(application)
        .where(application.c.group == group, application.c.state.in_(live))
        .order_by(application.c.state.desc(), application.c.no)
        .limit(limit)
    )
    return [_application(row) for row in await db.execute(found)]


async def move(
    db: Database, one: Application, state: State, now: datetime, *, tries: int = -1, by: str = "", note: str = ""
) -> None:
    """Write the application's new state; one that is over gets the time of its end."""
    over = None if state in LIVE else now
    values: dict[str, Any] = {"state": state.value, "closed_at": over, "by": by, "note": note}
    if tries >= 0:
        values["tries"] = tries
    await db.execute(update(application).where(application.c.no == one.no).values(values))


async def arrived(db: Database, person: str, now: datetime) -> None:
    """They are in: whatever invitation they had has been used."""
    invited = (application.c.person == person, application.c.state == State.INVITED.value)
    await db.execute(update(application).where(*invited).values(state=State.JOINED.value, closed_at=now))
