"""Core: what a handler may ask for, said from its side; storage and the engine room answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

from bot.commands import Registry
from bot.events import Event
from bot.model import Capability, Member, Mode, Quote, Role, Signal
from bot.records import ArchivedMessage, Case, DayNumbers, Entry, GroupInfo, Origin, Preset, Profile

if TYPE_CHECKING:
    from sqlalchemy import CursorResult, Executable, Table


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
    async def exempted(self) -> list[tuple[Profile, datetime | None]]:
        """Present members whom an admin exempted, and until when (None: until it is taken back), by name."""

    async def set_role(self, member_id: str, role: Role | None, *, by: str) -> None:
        """Name an operator of the bot (`None` takes it back); the platform's own roles stay as they are."""

    async def ban(self, member_id: str, case: int | None) -> None:
        """Put an account on the one blacklist of all groups, for this case; None takes it off."""

    async def banned(self, member_id: str) -> int | None:
        """The case an account is on the blacklist for, None when it is not on it."""

    async def traces(self, member_id: str) -> dict[str, int]:
        """How many rows of each table are about somebody, over all groups."""

    async def forget(self, member_id: str, alias: str, *, by: str) -> list[str]:
        """Remove what is kept of somebody over all groups, by what their tables say; only numbers stay, as `alias`.

        Says in which groups they were. What plugins keep in notes and memory they remove on `MemberForgotten`.
        """

    async def numbers(self, first: date, last: date) -> DayNumbers: ...
    async def messages_of(self, member_id: str, first: date, last: date) -> int: ...
    async def joined_between(self, start: datetime, end: datetime) -> list[Profile]: ...


class Ledger(Protocol):
    """Points: one append-only double-entry ledger over all groups; a balance is a sum."""

    async def post(self, member_id: str, points: int, reason: str, key: str, *, actor: str = "") -> bool:
        """Move `points` from the house to the member (negative: back). False when `key` was posted before.

        key names this posting for ever. Raises ValueError when points is 0 or a balance would fall below 0.
        """

    async def reverse(self, key: str, reason: str, *, actor: str = "") -> bool:
        """Take back what was posted under `key`, with a counter-entry. False when it was taken back before.

        Raises LookupError when nothing was posted so, ValueError when a balance would fall below 0.
        """

    async def entry(self, no: int) -> tuple[str, Entry] | None:
        """(member, line) of the transfer of this number."""

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
    async def settled_of(self, plugin: str, limit: int, *, since: datetime) -> list[Case]:
        """The newest cases that one plugin opened here since then and that are over."""

    async def open(
        self,
        member: Member,
        verdict: str,
        signals: Sequence[Signal],
        *,
        message_id: str = "",
        text: str = "",
        mode: Mode = Mode.ENFORCE,
    ) -> Case:
        """For an admin's own word (`/警告`, `/踢`); guards yield OpenCase instead. It is of `mode` or the group's,
        whichever does less, and so is all that comes of it."""

    async def settle(self, no: int, state: str, *, by: str = "", note: str = "") -> None: ...


class Archive(Protocol):
    """The group's stored messages."""

    async def get(self, message_id: str) -> ArchivedMessage | None: ...
    async def last_of(self, member_id: str, limit: int = 5, *, since: datetime) -> list[ArchivedMessage]:
        """A member's newest messages. `since` bounds what is read: a group's history has millions of rows."""

    async def hours(self, start: datetime, end: datetime) -> Mapping[datetime, int]:
        """How many messages of members there are in each hour (of UTC, by its beginning) from `start` to `end`."""

    async def between(self, start: datetime, end: datetime, *, limit: int = 20_000) -> list[ArchivedMessage]:
        """Members' messages from `start` (inclusive) to `end` (exclusive), oldest first; the newest `limit` of them."""

    async def taken_in(self, after: int, *, since: datetime, limit: int = 20_000) -> list[ArchivedMessage]:
        """What the archive took in after number `after`, in that order, the bot's own words (`own`) too; the newest
        `limit` of it.

        A message that came late has an earlier time than its neighbours; `since` bounds how far back that may be.
        """

    async def search(self, text: str, limit: int = 5, *, since: datetime) -> list[ArchivedMessage]:
        """The newest messages since then that contain `text` to the letter."""

    async def quoted(self, quote: Quote, *, since: datetime) -> ArchivedMessage | None:
        """The message that is quoted; None when it is not known, or when several people said the same words since
        then and nothing tells which of them is meant."""


class Settings(Protocol):
    """Settings of one group, versioned, over the defaults of file and plugin."""

    async def set(self, key: str, value: object, *, by: str) -> object:
        """Save `section.key` for this group; returns the value before. Raises CommandError when it is not allowed."""

    def compare(self, values: Mapping[str, object]) -> dict[str, tuple[object, object]]:
        """What saving these would change: full key → value before and after. Raises CommandError when one is wrong."""

    async def set_many(self, values: Mapping[str, object], *, by: str, origin: str) -> dict[str, tuple[object, object]]:
        """Save what of these changes anything as one step, which `undo` takes back whole."""

    def own(self) -> Mapping[str, object]:
        """What this group has of its own, by `section.key`, as plain values."""

    async def origin(self, key: str) -> Origin:
        """Where the value of `section.key` comes from here."""

    async def undo(self, *, by: str) -> tuple[str, ...]:
        """Take back the last step here; says which keys, none when there is nothing to undo."""

    async def enable(self, on: bool, *, by: str) -> bool:
        """Whether the bot looks after this group; False when it already was so."""


class Blocks(Protocol):
    """The parts of a brief that plugins offer with `Plugin.block`."""

    def labels(self) -> Mapping[str, str]:
        """Every block's name and what admins call it."""

    async def say(self, name: str, day: date, edition: str) -> str:
        """What the block says, "" for nothing. Raises BlockFailed with the reason when it cannot."""


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
    def picture(self, name: str) -> str: ...
    def capabilities(self, group: str) -> frozenset[Capability]: ...
    def status(self) -> Mapping[str, str]: ...
    def blocks(self, group: GroupInfo, event: Event) -> Blocks: ...
    async def groups(self) -> list[GroupInfo]: ...
    def stop(self) -> None: ...
    def commands(self, group: str) -> Registry: ...
    @property
    def presets(self) -> Mapping[str, Preset]: ...
    @property
    def db(self) -> Database: ...
