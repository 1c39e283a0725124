"""Core: what the stores tell: groups, members, cases, entries, messages, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.model import Member, Mode, Role, Signal


@dataclass(frozen=True, slots=True)
class GroupInfo:
    """A group as the bot knows it. `size` counts everybody, the bot included."""

    id: str
    topic: str
    size: int
    zone: ZoneInfo
    language: str
    mode: Mode
    enabled: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """All the bot knows of one account in one group; times are aware UTC, None when unknown."""

    id: str
    name: str
    role: Role
    first_seen_at: datetime
    joined_at: datetime | None
    left_at: datetime | None
    inviter_id: str
    last_spoke_at: datetime | None
    message_count: int
    join_count: int

    @property
    def member(self) -> Member:
        return Member(self.id, self.name, self.role)

    @property
    def present(self) -> bool:
        return self.left_at is None


@dataclass(frozen=True, slots=True)
class DayNumbers:
    """What happened in a group between two local days, both included."""

    messages: int
    speakers: int
    joined: int
    left: int
    """People, not comings and goings; see bot.storage.comings."""
    top: tuple[tuple[str, int], ...]
    """Ids of those who spoke most, with their message counts, at most ten."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a member's account: `points` is signed, from the member's side.

    no: the transfer's number, which stands for it in an admin's correction. key: what it was posted under.
    """

    at: datetime
    points: int
    reason: str
    group: str
    actor: str
    no: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One act of enforcement. state: open, warned and removing are under way; paid, removed, failed, undone, withdrawn,
    left, closed (warned and over) and dropped are final.
    """

    no: int
    group: str
    member: Member
    plugin: str
    verdict: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    signals: tuple[Signal, ...]
    message_id: str
    text: str
    mode: Mode
    note: str


@dataclass(frozen=True, slots=True)
class ArchivedMessage:
    id: str
    group: str
    sender_id: str
    at: datetime
    kind: str
    text: str
    no: int = 0
    """The order in which the archive took it in, over all groups."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a setting's value comes from. level: default, file, all (every group's) or group.

    place: the line of the file. step: what it was saved with, such as `预设 读书会`. by: who saved it, and when.
    """

    level: str
    place: str = ""
    step: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """A set of settings for a kind of group, by `section.key`, as plain values."""

    name: str
    about: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """A command line that the console offers as a button. sure: the question asked before, empty for none."""

    label: str
    line: str
    sure: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """A box to fill in; what is written there ends the command line."""

    label: str
    line: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class PanelRow:
    """One line of a panel: a cell for each column, and what can be done about it."""

    cells: tuple[str, ...]
    deeds: tuple[Deed, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """What a plugin shows in the console: a titled table. hint: said above it, or instead of it when it is empty.

    On the page of one person every command line, of a row or of the blank, is about that person.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[PanelRow, ...]
    hint: str = ""
    blank: Blank | None = None
