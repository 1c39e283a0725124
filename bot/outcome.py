"""Engine room: what has become of an action, as plugins hear it (facts) and as the admins read it (a phrase)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.actions import (
    Action,
    Announce,
    InviteMember,
    NotifyAdmins,
    Purpose,
    RemoveMember,
    SendImage,
    SendText,
)
from bot.events import CaseTold, Event, RemovalSettled, SendSettled
from bot.policy import Verdict
from bot.storage.outbox import Row, State
from bot.text import clip

WITHDRAWN = "withdrawn"


def facts_of(row: Row, now: datetime) -> list[Event]:
    """What the plugins hear of a settled row. Ids hold the event's, because those of rows may come again."""
    about: dict[str, Any] = {"at": now, "group": row.group, "case": row.action.case}
    done = row.state is State.DONE
    if isinstance(row.action, RemoveMember):
        about |= {"member": row.action.member, "done": done, "error": row.error}
        return [RemovalSettled(id=f"outbox:{row.id}:{row.state.value}:{row.event_id}", **about)]
    if isinstance(row.action, SendText) and row.action.tag:
        outcome = WITHDRAWN if row.error == WITHDRAWN else row.state.value
        about = {"at": now, "group": row.group, "plugin": row.plugin, "tag": row.action.tag}
        tale = f"outbox:{row.id}:settled:{row.event_id}"
        return [SendSettled(id=tale, outcome=outcome, error=row.error, **about)]
    if row.action.case is not None and is_warning(row.action) and row.state in (State.DONE, State.UNKNOWN):
        return [CaseTold(id=f"outbox:{row.id}:told:{row.event_id}", certain=done, **about)]
    return []


def refused_facts(event: Event, verdicts: Sequence[Verdict]) -> list[Event]:
    """What follows at once where policy says no: a removal that will not be, a warning only thought, a message held."""
    follow_ups: list[Event] = [_settled(event, verdict) for verdict in verdicts if _gives_up(verdict)]
    follow_ups += [_told(event, verdict) for verdict in verdicts if _only_thought(verdict)]
    return follow_ups + [refusal for verdict in verdicts if (refusal := _held_back(event, verdict)) is not None]


def _gives_up(verdict: Verdict) -> bool:
    return isinstance(verdict.action, RemoveMember) and verdict.refused not in ("", "duplicate")


def _only_thought(verdict: Verdict) -> bool:
    """A warning that the mode holds back: the case goes on as if it had been said, true to life."""
    action = verdict.action
    return is_warning(action) and action.case is not None and verdict.refused in ("dry", "shadow")


def _held_back(event: Event, verdict: Verdict) -> SendSettled | None:
    """What the sender of a tagged message hears of policy's no."""
    action = verdict.action
    if not verdict.refused or not isinstance(action, SendText) or not action.tag:
        return None
    return SendSettled(
        id=f"{event.id}:refused:{action.tag}:{action.group}:{action.to}",
        at=event.at,
        group=action.group,
        plugin=verdict.plugin,
        tag=action.tag,
        outcome=State.REFUSED.value,
        error=verdict.refused,
    )


def _told(event: Event, verdict: Verdict) -> CaseTold:
    action = verdict.action
    assert action.case is not None
    return CaseTold(id=f"{event.id}:told", at=event.at, group=action.group, case=action.case)


def _settled(event: Event, verdict: Verdict) -> RemovalSettled:
    action = verdict.action
    assert isinstance(action, RemoveMember)
    return RemovalSettled(
        id=f"{event.id}:refused",
        at=event.at,
        group=action.group,
        member=action.member,
        done=False,
        case=action.case,
        error=verdict.refused,
    )


def is_warning(action: Action) -> bool:
    """Whether it is said to a member about a case."""
    return isinstance(action, SendText) and action.purpose is Purpose.ENFORCEMENT and not action.to


def describe(row: Row) -> str:
    """One short Chinese phrase for the admins."""
    match row.action:
        case SendText(text=text, to=to):
            return f"{'私聊' if to else '群消息'}“{clip(text, 30)}”"
        case RemoveMember(member=member):
            return f"移出 {member.name}"
        case InviteMember(member=member):
            return f"邀请 {member.name}"
        case Announce(text=text):
            return f"群公告“{clip(text, 30)}”"
        case NotifyAdmins(text=text):
            return f"通知管理员“{clip(text, 30)}”"
        case SendImage(path=path, name=name):
            return f"文件 {name}" if name else f"图片 {path.rsplit('/', 1)[-1]}"
        case _:
            return type(row.action).__name__
