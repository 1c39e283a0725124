"""Transport: whether a play went as its script expects; pure."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

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
from bot.model import Member
from bot.transports.transcript.lines import Did, Expects
from bot.transports.transcript.log import Acted, Play
from bot.transports.transcript.times import Moment, minute_of

KINDS: dict[type[Action], Did] = {
    SendText: Did.SAY,
    SendImage: Did.IMAGE,
    RemoveMember: Did.REMOVE,
    Announce: Did.ANNOUNCE,
    NotifyAdmins: Did.NOTIFY_ADMINS,
    InviteMember: Did.INVITE,
    SetTopic: Did.TOPIC,
    RecallMessage: Did.RECALL,
    AcceptFriend: Did.ACCEPT_FRIEND,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """missing: expectations nothing met. extra: what the bot did that nobody expected, as far as that matters."""

    expected: int
    missing: tuple[Moment, ...]
    extra: tuple[Acted, ...]

    @property
    def met(self) -> bool:
        return not self.missing and not self.extra


def compare(play: Play) -> Outcome:
    """Hold what the bot did against what the script expects.

    As many actions as possible are each given one expectation of their own, so that a wide pattern takes nothing
    from a narrow one. A pattern then left over is met by any message it fits, unless an equal line has that one.
    """
    expected = [moment for moment in play.timeline.moments if isinstance(moment.line.fact, Expects)]
    acted = play.acted
    fits = _fits(expected, acted)
    given = _match(fits, len(acted))
    missing = [moment for n, moment in enumerate(expected) if n not in given and not _shares(n, expected, fits, given)]
    covered = set(given.values())
    extra = [done for n, done in enumerate(acted) if n not in covered and not _allowed(done)]
    return Outcome(len(expected), tuple(missing), tuple(extra))


def meets(fact: Expects, group: str, done: Acted) -> bool:
    """Whether this action is what is expected in `group`, whatever the time."""
    action = done.action
    if KINDS.get(type(action)) is not fact.did or getattr(action, "to", "") != fact.to:
        return False
    if action.group not in ("", fact.group or group) and not fact.to:
        return False
    member: Member | None = getattr(action, "member", None)
    if fact.member and (member is None or fact.member not in (member.id, member.name)):
        return False
    text = words_of(done)
    if fact.pattern is not None:
        return fact.pattern.search(text) is not None
    return fact.text is None or _plain(text) == _plain(fact.text)


def words_of(done: Acted) -> str:
    """What an action says; empty when it says nothing."""
    match done.action:
        case SendText(text=text) | Announce(text=text) | NotifyAdmins(text=text):
            return text
        case SetTopic(topic=topic):
            return topic
        case RecallMessage(text=text):
            return done.text or text
    return ""


def _plain(text: str) -> str:
    """A script cannot write what surrounds a text, nor the four-per-em space that WeChat puts after a mention."""
    return re.sub(r"[ \t]+\n", "\n", text.replace("\u2005", " ").replace("\r\n", "\n")).strip()


def _allowed(done: Acted) -> bool:
    return done.loose and not isinstance(done.action, RemoveMember)


def _minute(at: datetime) -> datetime:
    return minute_of(at.astimezone(UTC))


def _fits(expected: Sequence[Moment], acted: Sequence[Acted]) -> list[list[int]]:
    """For each expectation, the actions that would meet it; narrow expectations have few."""
    by_minute: dict[datetime, list[int]] = {}
    for n, done in enumerate(acted):
        by_minute.setdefault(_minute(done.at), []).append(n)
    found: list[list[int]] = []
    for moment in expected:
        fact = moment.line.fact
        here = by_minute.get(_minute(moment.at), [])
        found.append([n for n in here if isinstance(fact, Expects) and meets(fact, moment.line.group, acted[n])])
    return found


def _match(fits: Sequence[Sequence[int]], actions: int) -> dict[int, int]:
    """A maximum matching, expectation → action, by augmenting paths found breadth first."""
    holder: list[int | None] = [None] * actions
    for start in range(len(fits)):
        came: dict[int, int] = {}
        waiting = deque([start])
        while waiting:
            expectation = waiting.popleft()
            fresh = [action for action in fits[expectation] if action not in came]
            came.update((action, expectation) for action in fresh)
            free = next((action for action in fresh if holder[action] is None), None)
            if free is not None:
                _augment(holder, came, fits, start, free)
                break
            waiting.extend(other for action in fresh if (other := holder[action]) is not None)
    return {expectation: action for action, expectation in enumerate(holder) if expectation is not None}


def _augment(
    holder: list[int | None], came: dict[int, int], fits: Sequence[Sequence[int]], start: int, free: int
) -> None:
    action = free
    while True:
        expectation = came[action]
        before = next((a for a in fits[expectation] if holder[a] == expectation), None)
        holder[action] = expectation
        if expectation == start or before is None:
            return
        action = before


def _shares(n: int, expected: Sequence[Moment], fits: Sequence[Sequence[int]], given: dict[int, int]) -> bool:
    """Several different patterns may speak of one message; equal ones ask for as many messages."""
    fact = expected[n].line.fact
    if not isinstance(fact, Expects) or fact.pattern is None:
        return False
    taken = {given[other] for other in given if _same(expected[other], expected[n])}
    free = next((action for action in fits[n] if action not in taken), None)
    if free is None:
        return False
    given[n] = free
    return True


def _same(one: Moment, other: Moment) -> bool:
    return _identity(one) == _identity(other)


def _identity(moment: Moment) -> Hashable:
    return moment.line.fact, moment.line.group
