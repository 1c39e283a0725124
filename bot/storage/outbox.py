"""Storage: the outbox: actions waiting to be carried out, and the record of those that were."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, func, select, update

from bot.actions import (
    AcceptFriend,
    Action,
    Announce,
    InviteMember,
    NotifyAdmins,
    Purpose,
    RecallMessage,
    RemoveMember,
    SendImage,
    SendText,
    SetTopic,
)
from bot.model import Member, Role
from bot.storage.tables import outbox
from bot.storage.work import Work


class State(StrEnum):
    """WAITING → SENDING → DONE, or back to WAITING, FAILED for good, UNKNOWN until there is evidence.

    REFUSED: policy held it back. EXPIRED: it waited until nobody would want it. VERIFYING: said to be done, not seen.
    """

    WAITING = "waiting"
    SENDING = "sending"
    VERIFYING = "verifying"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    EXPIRED = "expired"


KINDS: dict[str, type[Action]] = {
    "say": SendText,
    "image": SendImage,
    "remove": RemoveMember,
    "announce": Announce,
    "notify_admins": NotifyAdmins,
    "invite": InviteMember,
    "topic": SetTopic,
    "recall": RecallMessage,
    "accept_friend": AcceptFriend,
}
NAMES = {kind: name for name, kind in KINDS.items()}
_FIELDS = {kind: tuple(field.name for field in dataclasses.fields(kind)) for kind in NAMES}
PRIORITY = {Purpose.ENFORCEMENT: 10, Purpose.REPLY: 20, Purpose.SERVICE: 30, Purpose.BROADCAST: 40}
REMOVAL_PRIORITY, NOTICE_PRIORITY = 0, 15
ENGINE = "courier"
"""Stands for the plugin in rows that are the engine's own word to the admins."""


def priority_of(action: Action) -> int:
    """Lower goes first: removals, enforcement, notices, replies, service, broadcasts."""
    match action:
        case RemoveMember():
            return REMOVAL_PRIORITY
        case NotifyAdmins():
            return NOTICE_PRIORITY
        case SendText(purpose=purpose) | SendImage(purpose=purpose):
            return PRIORITY[purpose]
        case _:
            return PRIORITY[Purpose.REPLY]


def encode(action: Action) -> tuple[str, dict[str, Any]]:
    """The action as a kind and plain data; `decode` gives it back unchanged."""
    data: dict[str, Any] = {}
    # By hand: dataclasses.asdict copies each value deeply, at five times the cost of all the rest.
    for name in _FIELDS[type(action)]:
        value = getattr(action, name)
        if value not in ("", (), None):
            data[name] = value if isinstance(value, str | int) else _plain(value)
    return NAMES[type(action)], data


def _plain(value: Any) -> Any:
    if isinstance(value, Member):
        return {"id": value.id, "name": value.name, "role": value.role}
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    return value


def _member(data: dict[str, Any]) -> Member:
    return Member(data["id"], data["name"], Role(data["role"]))


def decode(kind: str, payload: dict[str, Any]) -> Action:
    fields: dict[str, Any] = dict(payload)
    if "member" in fields:
        fields["member"] = _member(fields["member"])
    if "mentions" in fields:
        fields["mentions"] = tuple(_member(m) for m in fields["mentions"])
    if "purpose" in fields:
        fields["purpose"] = Purpose(fields["purpose"])
    return KINDS[kind](**fields)


@dataclasses.dataclass(slots=True)
class Row:
    """One action in the outbox, in memory. Times are aware UTC."""

    id: int
    event_id: str
    plugin: str
    action: Action
    priority: int
    state: State
    created_at: datetime
    not_before: datetime
    attempts: int = 0
    error: str = ""
    message_id: str = ""

    @property
    def group(self) -> str:
        return self.action.group


def add(work: Work, row: Row) -> None:
    """Write the row in this transaction."""
    kind, payload = encode(row.action)
    work.add(
        outbox,
        {
            "id": row.id,
            "event_id": row.event_id,
            "plugin": row.plugin,
            "group": row.action.group,
            "kind": kind,
            "payload": payload,
            "priority": row.priority,
            "state": row.state.value,
            "created_at": row.created_at,
            "not_before": row.not_before,
            "settled_at": row.created_at if row.state is State.REFUSED else None,
            "error": row.error,
            "case": row.action.case,
        },
    )


_MARK = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"))
    .values(
        state=bindparam("to"),
        not_before=bindparam("not_before"),
        settled_at=bindparam("settled_at"),
        attempts=bindparam("attempts"),
        message_id=bindparam("message_id"),
        error=bindparam("error"),
    )
)


def mark(work: Work, row: Row, settled_at: datetime | None) -> None:
    """Write the row's state as it is in memory."""
    work.later(
        _MARK,
        {
            "row": row.id,
            "to": row.state.value,
            "not_before": row.not_before,
            "settled_at": settled_at,
            "attempts": row.attempts,
            "message_id": row.message_id,
            "error": row.error[:500],
        },
    )


def row_of(data: Any) -> Row:
    return Row(
        data.id,
        data.event_id,
        data.plugin,
        decode(data.kind, data.payload),
        data.priority,
        State(data.state),
        data.created_at,
        data.not_before,
        data.attempts,
        data.error,
        data.message_id,
    )


async def live(work: Work) -> list[Row]:
    """Every row that is not settled, oldest first."""
    rows = await work.execute(select(outbox).where(outbox.c.settled_at.is_(None)).order_by(outbox.c.id))
    return [row_of(row) for row in rows]


async def last_id(work: Work) -> int:
    return int((await work.execute(select(func.coalesce(func.max(outbox.c.id), 0)))).scalar_one())


async def removals_since(work: Work, group: str, since: datetime) -> int:
    """How many removals the bot decided on its own (no admin's word) since then, done or under way."""
    count = (
        select(func.count())
        .select_from(outbox)
        .where(
            outbox.c.group == group,
            outbox.c.kind == "remove",
            outbox.c.created_at >= since,
            outbox.c.state.in_([State.WAITING, State.SENDING, State.VERIFYING, State.DONE, State.UNKNOWN]),
            func.json_extract(outbox.c.payload, "$.by").is_(None),
        )
    )
    return int((await work.execute(count)).scalar_one())


async def sent_since(work: Work, since: datetime) -> list[tuple[str, datetime]]:
    """Group and time of what was tried since then, oldest first; the pace of the account goes on after a restart."""
    tried = (
        select(outbox.c.group, outbox.c.settled_at)
        .where(outbox.c.settled_at >= since, outbox.c.attempts > 0)
        .order_by(outbox.c.settled_at)
    )
    return [(row.group, row.settled_at) for row in await work.execute(tried)]
