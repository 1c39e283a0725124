"""Transport: what came of a script: lines that were played and what the bot did, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.actions import Action
from bot.transports.transcript.lines import Line
from bot.transports.transcript.script import Script
from bot.transports.transcript.times import Timeline


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
