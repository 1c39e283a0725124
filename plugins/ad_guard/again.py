"""Plugin: the stored week judged once more, as plain data in and out, for a thread of its own. Pure; it knows no chat.

What the archive does not keep (codes in pictures, what somebody said before the week) is not judged again: a message
without words passes, and whoever had talked before the week counts as somebody who talks.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.fold import fold, tighten
from bot.model import Kind, Mode
from plugins.ad_guard.guard import Settings
from plugins.ad_guard.hearing import Hearing, hear, mode_of
from plugins.ad_guard.judge import judge
from plugins.ad_guard.lesson import SHORTEST, Lesson, Lessons
from plugins.ad_guard.message import Judgement, Message
from plugins.ad_guard.near import NEAR, Sketch, likeness, sketch_text
from plugins.ad_guard.standing import Standing, is_worth_a_look
from plugins.ad_guard.trail import NO_COPIES, Sighting, Trail

DAY = 86_400.0
MERGE, WARNED_FOR, TIME_TO_READ = 600.0, 7 * DAY, 30.0
SHORT, PIECES, TALK = 120, 4, 10
RED_PACKET = "red_packet"
JUDGED = frozenset(
    {Kind.TEXT, Kind.IMAGE, Kind.LINK, Kind.CARD, Kind.MINIPROGRAM, Kind.FILE, Kind.RECORD}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """joined: seconds since 1970, None when unknown. before: what they had said before the week."""

    name: str
    joined: float | None
    before: int


@dataclass(frozen=True, slots=True)
class Line:
    """One stored message; at: seconds since 1970."""

    id: str
    sender: str
    at: float
    kind: str
    text: str


@dataclass(slots=True)
class Found:
    """What a policy would have made of a message. paid: a red packet came in time. watched: only told to the admins."""

    id: str
    sender: str
    at: float
    score: float
    is_sure: bool
    watched: bool
    text: str
    paid: bool = False


@dataclass(slots=True)
class Week:
    """One run of one policy over the week."""

    settings: Settings
    people: Mapping[str, Person]
    lessons: Lessons
    grace: float
    found: list[Found] = field(default_factory=list)
    _trail: Trail = field(default_factory=Trail)
    _said: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _talk: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=TALK)))
    _short: dict[str, deque[Line]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=PIECES)))
    _cases: dict[str, Found] = field(default_factory=dict)

    def look_at(self, line: Line) -> None:
        person = self.people.get(line.sender)
        if person is None:
            return
        if line.kind == RED_PACKET:
            self._pay(line)
        elif line.kind in JUDGED and line.text.strip():
            self._judge(line, person)

    def _pay(self, line: Line) -> None:
        case = self._cases.get(line.sender)
        if case is not None and line.at - case.at <= self.grace:
            case.paid = True

    def _judge(self, line: Line, person: Person) -> None:
        message = Message(text=line.text, kind=Kind(line.kind), sender_name=person.name)
        plain = judge(message, self.settings.plain)
        hearing = self._hearing(line, message, plain, person)
        if hearing is not None:
            judged = hear(hearing)
            if judged.verdict != "pass":
                self._open(line, *mode_of(hearing, judged, self.settings.signal_modes))
        if line.kind == Kind.TEXT:
            if plain.verdict == "pass" and len(tight := tighten(fold(line.text[:200]))) >= 4:
                self._talk[line.sender].append(tight)
            if len(line.text) <= SHORT:
                self._short[line.sender].append(line)
        self._said[line.sender] += 1

    def _hearing(self, line: Line, message: Message, plain: Judgement, person: Person) -> Hearing | None:
        """None where nothing could make an ad of it."""
        suspicious, pieces = is_worth_a_look(plain), self._pieces(line, message)
        sketch = sketch_text(message.text, SHORTEST)
        copies = NO_COPIES
        if sketch is not None and suspicious and self.settings.copies_within:
            sighting = Sighting(datetime.fromtimestamp(line.at, UTC), "", line.sender, line.id)
            copies = self._trail.note(sketch, sighting, self.settings.copies_within)
        lesson = self.lessons.about("", sketch) if sketch is not None else None
        if not suspicious and lesson is None:
            return None
        days = None if person.joined is None else (line.at - person.joined) / DAY
        context = self.settings.context(days, person.before + self._said[line.sender])
        case = self._cases.get(line.sender)
        standing = Standing(
            copies,
            ordinary=self._ordinary(line, message, person),
            enough=self.settings.ordinary_messages,
            warned_before=case is not None and TIME_TO_READ < line.at - case.at < WARNED_FOR,
            lesson=lesson,
        )
        hearing = Hearing((message,), context, standing, self.settings.act_needs_context)
        if not pieces or hear(hearing).verdict != "pass":
            return hearing
        return replace(hearing, messages=(*pieces, message))

    def _ordinary(self, line: Line, message: Message, person: Person) -> int:
        here, enough = tighten(fold(message.text)), self.settings.ordinary_messages
        talked = sum(likeness(said, here) < NEAR for said in self._talk[line.sender])
        return min(enough, talked + person.before)

    def _pieces(self, line: Line, message: Message) -> tuple[Message, ...]:
        within = self.settings.join_within.total_seconds()
        if not within or len(message.text) > SHORT:
            return ()
        case = self._cases.get(line.sender)
        since = max(line.at - within, case.at if case is not None else 0.0)
        return tuple(replace(message, text=said.text) for said in self._short[line.sender] if said.at > since)

    def _open(self, line: Line, judged: Judgement, mode: Mode) -> None:
        """A burst is one case."""
        before = self._cases.get(line.sender)
        if mode is Mode.DRY or (before is not None and line.at - before.at < MERGE):
            return
        sure, watched = judged.verdict == "act", mode is not Mode.ENFORCE
        case = Found(line.id, line.sender, line.at, judged.score, sure, watched, line.text[:60])
        self._cases[line.sender] = case
        self.found.append(case)


def replay(argument: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
    """For each of `policies` (settings of ad_guard as JSON text) what it would have found in `lines`, in order."""
    people = {who: Person(*facts) for who, facts in argument["people"].items()}
    lines = [Line(*each) for each in argument["lines"]]
    weeks = [
        Week(Settings.model_validate_json(policy), people, _lessons(argument["lessons"]), argument["grace"])
        for policy in argument["policies"]
    ]
    for week in weeks:
        for line in lines:
            week.look_at(line)
    names = {who: person.name for who, person in people.items()}
    return [[_plain(found, names) for found in week.found] for week in weeks]


def _lessons(rows: Sequence[Sequence[Any]]) -> Lessons:
    """What admins have taught until now: a draft is for the days to come."""
    known = Lessons()
    for no, is_ad, bits, text in rows:
        known.add(Lesson(no, "", is_ad, Sketch(bits, text), "", "", datetime.fromtimestamp(0, UTC)))
    return known


def _plain(found: Found, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": names[found.sender],
        "at": found.at,
        "score": found.score,
        "remove": found.is_sure and not found.watched and not found.paid,
        "paid": found.paid,
        "watched": found.watched,
        "text": found.text,
    }


WINDOW = timedelta(days=30)
"""The longest time that is replayed."""
