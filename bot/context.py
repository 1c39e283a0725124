"""Core: what a handler may touch; everything here shares the event's one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from bot.actions import Purpose, SendText
from bot.commands import Registry
from bot.events import Event, MessageReceived
from bot.model import Capability, Member, Mode, Role, Signal
from bot.text import fill

if TYPE_CHECKING:
    from sqlalchemy import CursorResult, Executable, Table

S_co = TypeVar("S_co", covariant=True)


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
    top: tuple[tuple[str, int], ...]
    """Ids of those who spoke most, with their message counts, at most ten."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a member's account: `points` is signed, from the member's side."""

    at: datetime
    points: int
    reason: str
    group: str
    actor: str


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


class Notes(Protocol):
    """A plugin's own small memory in one group. Values are text."""

    async def get(self, key: str) -> str | None: ...
    async def set(self, key: str, value: str, *, lasts: timedelta | None = None) -> None: ...
    async def delete(self, key: str) -> bool: ...
    async def all(self, prefix: str = "") -> dict[str, str]: ...


class Timers(Protocol):
    """A plugin's own deadlines in one group; they outlive a restart and ring as TimerDue, late if the bot was away.

    `start` and `cancel` say whether they changed anything: starting one that runs leaves its due time alone.
    """

    async def start(
        self,
        name: str,
        after: timedelta | None = None,
        *,
        at: datetime | None = None,
        payload: Mapping[str, str] | None = None,
    ) -> bool: ...
    async def cancel(self, name: str) -> bool: ...
    async def due_at(self, name: str) -> datetime | None: ...


class Members(Protocol):
    """The roster of one group, with its history."""

    async def get(self, member_id: str) -> Profile | None: ...
    async def find(self, name: str) -> list[Profile]:
        """Present members whose name is exactly this, or else contains it; at most ten."""

    async def present(self) -> list[Profile]: ...
    async def count(self) -> int: ...
    async def role_of(self, member_id: str) -> Role: ...
    async def is_exempt(self, member_id: str) -> bool: ...
    async def exempt(self, member_id: str, *, until: datetime | None, by: str) -> None: ...
    async def set_role(self, member_id: str, role: Role | None, *, by: str) -> None:
        """Name an operator of the bot (`None` takes it back); the platform's own roles stay as they are."""

    async def numbers(self, first: date, last: date) -> DayNumbers: ...
    async def messages_of(self, member_id: str, first: date, last: date) -> int: ...
    async def joined_between(self, start: datetime, end: datetime) -> list[Profile]: ...


class Ledger(Protocol):
    """Points: one append-only double-entry ledger over all groups; a balance is a sum."""

    async def post(self, member_id: str, points: int, reason: str, key: str, *, actor: str = "") -> bool:
        """Move `points` from the house to the member (negative: back). False when `key` was posted before.

        key names this posting for ever. Raises ValueError when points is 0 or a balance would fall below 0.
        """

    async def balance(self, member_id: str) -> int: ...
    async def lines(self, member_id: str, limit: int = 5) -> list[Entry]: ...
    async def top(self, limit: int = 10) -> list[tuple[str, int]]:
        """Members present in this group with the highest balances."""

    async def counted(self, member_id: str, key_prefix: str) -> int:
        """How many postings of the member have a key that starts so."""


class Cases(Protocol):
    """Cases of one group: reading, closing, counting."""

    async def get(self, no: int) -> Case | None:
        """Of any group; the caller checks `group`."""

    async def open_of(self, member_id: str) -> list[Case]: ...
    async def of(self, member_id: str, since: datetime | None = None) -> list[Case]: ...
    async def recent(self, limit: int = 10) -> list[Case]: ...
    async def open(
        self, member: Member, verdict: str, signals: Sequence[Signal], *, message_id: str = "", text: str = ""
    ) -> Case:
        """For an admin's own word (`/警告`, `/踢`); guards yield OpenCase instead."""

    async def settle(self, no: int, state: str, *, by: str = "", note: str = "") -> None: ...


class Archive(Protocol):
    """The group's stored messages."""

    async def get(self, message_id: str) -> ArchivedMessage | None: ...
    async def last_of(self, member_id: str, limit: int = 5, *, since: datetime) -> list[ArchivedMessage]:
        """A member's newest messages. `since` bounds what is read: a group's history has millions of rows."""

    async def search(self, text: str, limit: int = 5, *, since: datetime) -> list[ArchivedMessage]:
        """The newest messages since then that contain `text` to the letter."""


class Settings(Protocol):
    """Settings of one group, versioned, over the defaults of file and plugin."""

    async def set(self, key: str, value: object, *, by: str) -> object:
        """Save `section.key` for this group; returns the value before. Raises CommandError when it is not allowed."""

    async def undo(self, *, by: str) -> str | None:
        """Take back the last change here; says which key, None when there is nothing to undo."""

    async def enable(self, on: bool, *, by: str) -> bool:
        """Whether the bot looks after this group; False when it already was so."""


class Database(Protocol):
    """For a plugin with tables of its own; handlers call its `store.py`, which calls this."""

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]: ...
    def add(self, table: Table, row: Mapping[str, Any]) -> None:
        """Insert later in this transaction, together with others: for rows that nobody reads back in this event."""


class Scope(Protocol):
    """The unit of work behind a Context; made by the engine room."""

    def notes(self, plugin: str, group: str) -> Notes: ...
    def memory(self, plugin: str) -> dict[Any, Any]: ...
    def timers(self, plugin: str, group: str) -> Timers: ...
    def members(self, group: str) -> Members: ...
    def ledger(self, group: str) -> Ledger: ...
    def cases(self, group: str) -> Cases: ...
    def archive(self, group: str) -> Archive: ...
    def settings(self, group: str) -> Settings: ...
    def sections(self, group: str) -> Mapping[str, Any]: ...
    def texts(self, language: str) -> Mapping[str, str]: ...
    def random(self, purpose: str) -> Random: ...
    def capabilities(self, group: str) -> frozenset[Capability]: ...
    def status(self) -> Mapping[str, str]: ...
    async def groups(self) -> list[GroupInfo]: ...
    def stop(self) -> None: ...
    @property
    def commands(self) -> Registry: ...
    @property
    def db(self) -> Database: ...


class Context(Generic[S_co]):
    """All that a handler may touch.

    settings: this plugin's settings, of this group. group: empty id in a private chat that names no group.
    now: aware UTC time of the event; today: the calendar day of `now` where the group lives.
    """

    __slots__ = ("_scope", "event", "group", "now", "plugin", "settings")

    def __init__(self, scope: Scope, plugin: str, settings: S_co, group: GroupInfo, event: Event) -> None:
        self._scope = scope
        self.plugin = plugin
        self.settings = settings
        self.group = group
        self.event = event
        self.now = event.at

    @property
    def today(self) -> date:
        return self.now.astimezone(self.group.zone).date()

    @property
    def notes(self) -> Notes:
        return self._scope.notes(self.plugin, self.group.id)

    @property
    def memory(self) -> dict[Any, Any]:
        """This plugin's own memory over all groups, gone when the process ends and not undone with the event.

        For counters that every message moves; whoever fills it keeps it bounded.
        """
        return self._scope.memory(self.plugin)

    @property
    def timers(self) -> Timers:
        return self._scope.timers(self.plugin, self.group.id)

    @property
    def members(self) -> Members:
        return self._scope.members(self.group.id)

    @property
    def ledger(self) -> Ledger:
        return self._scope.ledger(self.group.id)

    @property
    def cases(self) -> Cases:
        return self._scope.cases(self.group.id)

    @property
    def archive(self) -> Archive:
        return self._scope.archive(self.group.id)

    @property
    def group_settings(self) -> Settings:
        return self._scope.settings(self.group.id)

    @property
    def db(self) -> Database:
        return self._scope.db

    @property
    def random(self) -> Random:
        """Seeded from this installation's secret and the event, so that a replay draws the same."""
        return self._scope.random(self.plugin)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._scope.capabilities(self.group.id)

    @property
    def status(self) -> Mapping[str, str]:
        """How the installation is: gateway, outbox, database, … as short Chinese values."""
        return self._scope.status()

    @property
    def commands(self) -> Registry:
        """Every command of every plugin that is on."""
        return self._scope.commands

    @property
    def sections(self) -> Mapping[str, Any]:
        """Every section's settings in this group, by name; read only."""
        return self._scope.sections(self.group.id)

    def section(self, name: str) -> Any:
        """Another section's settings in this group (`bot`, `pacing`); read only."""
        return self._scope.sections(self.group.id)[name]

    async def groups(self) -> list[GroupInfo]:
        """Every group the bot knows."""
        return await self._scope.groups()

    async def once(self, key: str, *, lasts: timedelta | None = None) -> bool:
        """True the first time `key` is asked about by this plugin in this group, False after (until `lasts` ends)."""
        notes = self.notes
        if await notes.get(f"once:{key}") is not None:
            return False
        await notes.set(f"once:{key}", "1", lasts=lasts)
        return True

    def stop(self) -> None:
        """Let no later handler see this event (guards only)."""
        self._scope.stop()

    def text(self, key: str, **values: object) -> str:
        """A sentence of the catalogue (`config/texts`), `key` without the plugin's name, in the group's language."""
        return fill(self._scope.texts(self.group.language)[f"{self.plugin}.{key}"], values)

    def render(self, template: str, member: Member | None = None, **values: object) -> str:
        """Fill an admin's template: 昵称, 群名, 人数, 日期 and whatever `values` adds."""
        known: dict[str, object] = {
            "昵称": member.name if member else "",
            "群名": self.group.topic,
            "人数": self.group.size,
            "日期": f"{self.today.month}月{self.today.day}日",
        }
        return fill(template, {**known, **values})

    def reply(self, event: MessageReceived, text: str, *, mention: bool = True) -> SendText:
        """Answer where it was asked: in the group with an @, or in the private chat."""
        if not event.group:
            return SendText(group=self.group.id, to=event.sender.id, text=text, purpose=Purpose.REPLY)
        if not mention:
            return SendText(group=event.group, text=text, purpose=Purpose.REPLY)
        return SendText(
            group=event.group,
            text=f"@{event.sender.name} {text}",
            mentions=(event.sender,),
            purpose=Purpose.REPLY,
        )
