"""Transport: what came of a script: lines that were played and what the bot did, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.actions import Action
from bot.clock import Clock
from bot.transports.transcript.lines import Line
from bot.transports.transcript.script import Script
from bot.transports.transcript.times import Timeline, Zones
from bot.transports.transcript.transport import Performed


@dataclass(frozen=True, slots=True)
class Heard:
    """A line that was played; `missed` says why it could not happen after all."""

    at: datetime
    line: Line
    missed: str = ""


@dataclass(frozen=True, slots=True)
class Acted:
    """Something the bot did. `loose`: the script allows it to do more than is expected here.

    text: what a recalled message said, which the action itself may not know.
    """

    at: datetime
    action: Action
    text: str = ""
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """Something policy did not let the bot do."""

    at: datetime
    action: Action
    reason: str


Entry = Heard | Acted | Held
"""All of them have `at`, aware and in the zone of the group."""


@dataclass(slots=True)
class Play:
    """A script, when its lines happen, and how it went."""

    script: Script
    timeline: Timeline
    entries: list[Entry] = field(default_factory=list)

    @property
    def acted(self) -> list[Acted]:
        return [entry for entry in self.entries if isinstance(entry, Acted)]


@dataclass(slots=True)
class Log:
    """Writes down a play while it goes on. `loose`: whether the script is, from here on."""

    play: Play
    zones: Zones
    clock: Clock
    loose: bool = False

    def heard(self, line: Line, missed: str = "") -> None:
        self.zones.heed(line)
        self.play.entries.append(Heard(self._local(self.clock.now(), line.group), line, missed))

    def performed(self, done: Performed) -> None:
        at = self._local(done.at, done.action.group)
        self.play.entries.append(Acted(at, done.action, done.text, self.loose))

    def refused(self, at: datetime, action: Action, reason: str) -> None:
        self.play.entries.append(Held(self._local(at, action.group), action, reason))

    def _local(self, at: datetime, group: str) -> datetime:
        return at.astimezone(self.zones.of(group))
