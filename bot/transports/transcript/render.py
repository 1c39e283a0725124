"""Transport: a play written down: as JSON lines, and as a chat that is a script again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.actions import (
    AcceptFriend,
    Action,
    Announce,
    InviteMember,
    NotifyAdmins,
    RecallMessage,
    RemoveMember,
    SendImage,
    SendText,
    SetTopic,
)
from bot.transports.transcript.expect import KINDS, words_of
from bot.transports.transcript.lines import Day
from bot.transports.transcript.log import Acted, Entry, Heard, Held, Play
from bot.transports.transcript.names import always_quote, escape, quote
from bot.transports.transcript.times import FIRST_DAY, minute_of

REASONS = {
    "dry": "演练模式，只记录",
    "shadow": "观察模式，只告诉管理员",
    "exempt": "对方被豁免",
    "brake": "移出太多，刹车",
    "capability": "通道做不到",
    "duplicate": "重复的动作",
}


def as_json(entry: Acted | Held) -> dict[str, object]:
    """One line of `play --json`; the form is fixed by the documentation of `.chat`."""
    action = entry.action
    kind = KINDS[type(action)].value
    line: dict[str, object] = {"at": entry.at.isoformat(timespec="seconds"), "kind": kind, "group": action.group}
    text = words_of(entry) if isinstance(entry, Acted) else ""
    line |= _what(action, text)
    if action.case is not None or isinstance(action, RemoveMember):
        line["case"] = action.case
    if isinstance(entry, Held):
        line = {**line, "kind": "refused", "action": kind, "reason": entry.reason}
    return line


def _what(action: Action, text: str) -> dict[str, object]:
    match action:
        case SendText():
            to = {"to": action.to} if action.to else {}
            return {"text": action.text, "mentions": [member.id for member in action.mentions], **to}
        case SendImage():
            return {"path": action.path, **({"to": action.to} if action.to else {})}
        case RemoveMember():
            return {"member": action.member.id, "reason": action.reason}
        case Announce() | NotifyAdmins():
            return {"text": action.text}
        case InviteMember() | AcceptFriend():
            return {"member": action.member.id}
        case SetTopic():
            return {"topic": action.topic}
        case RecallMessage():
            return {"message": action.message_id, "text": text or action.text}
    return {}


def expectation(action: Action, text: str = "") -> str:
    """The action as the expectation that exactly it meets; `text` is what a recalled message said."""
    match action:
        case SendText():
            return f"bot{f' > {quote(action.to)}' if action.to else ''}{_saying(action.text)}"
        case SendImage():
            return f"bot{f' > {quote(action.to)}' if action.to else ''} sends image"
        case RemoveMember():
            return f"bot removes {quote(action.member.id)}"
        case Announce():
            return f"bot announces{_saying(action.text)}"
        case NotifyAdmins():
            return f"bot tells admins{_saying(action.text)}"
        case InviteMember():
            return f"bot invites {quote(action.member.id)} to {action.group}"
        case AcceptFriend():
            return f"bot accepts {quote(action.member.id)}"
        case SetTopic():
            return f"bot topic {always_quote(action.topic)}"
        case RecallMessage():
            return f"bot recalls{_saying(text or action.text)}"
    return f"# {type(action).__name__}"


def _saying(text: str) -> str:
    return f": {escape(text).strip()}" if text.strip() else r" ~ ^\s*$"


class Stamper:
    """Writes the time at the start of a line so that a reader of the lines before it understands the same instant."""

    def __init__(self, first_group: str) -> None:
        self._first_group = first_group
        self._before: datetime | None = None

    def stamp(self, at: datetime, group: str) -> str:
        """`09:05 `, `+2d 09:05:30 [g2] `: `at` in the zone of the group; an empty group is not written."""
        days = self._days_to(at)
        self._before = at
        skip = f"+{days}d " if days else ""
        where = f"[{group}] " if group not in ("", self._first_group) else ""
        return f"{skip}{f'{at:%H:%M:%S}' if at.second else f'{at:%H:%M}'} {where}"

    def _days_to(self, at: datetime) -> int:
        if self._before is None:
            return 0
        before = self._before.astimezone(at.tzinfo)
        days = (at.date() - before.date()).days
        overnight = minute_of(at).time() < minute_of(before).time()
        return 0 if days == 1 and overnight else days


def show(play: Play) -> Iterator[str]:
    """The chat as it went, line by line: a script that the same bot meets exactly."""
    stamper = Stamper(play.script.first_group)
    first = next((e.at for e in play.entries if not (isinstance(e, Heard) and e.line.stamp is None)), None)
    if first is not None and first.date() != FIRST_DAY:
        yield f"@day {first:%Y-%m-%d}"
    for entry in play.entries:
        # A day named in the middle is in the times of what follows.
        if not (isinstance(entry, Heard) and isinstance(entry.line.fact, Day)):
            yield written(entry, stamper)


def written(entry: Entry, stamper: Stamper) -> str:
    """One entry as a line of a script; what did not happen is a comment."""
    match entry:
        case Heard(at, line, missed):
            if missed:
                return f"# {at:%H:%M} {line.body}    （没有发生：{missed}）"
            return line.source if line.stamp is None else stamper.stamp(at, line.group) + line.body
        case Acted(at, action, text):
            group = "" if isinstance(action, SendText | SendImage) and action.to else action.group
            return stamper.stamp(at, group) + expectation(action, text)
        case Held(at, action, reason):
            return f"# {at:%H:%M} {expectation(action)}    （没有做：{REASONS.get(reason, reason)}）"
