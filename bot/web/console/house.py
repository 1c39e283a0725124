"""Web: what the console asks of the running bot, said from the console's side."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from bot.records import Panel
from bot.storage.work import Work
from bot.web.board import Board

T = TypeVar("T")


class House(Protocol):
    """The running bot. Reads go over a connection of their own; writes share the one writer with everything else."""

    @property
    def board(self) -> Board: ...
    @property
    def zone(self) -> ZoneInfo: ...
    def now(self) -> datetime:
        """Aware UTC."""

    async def read(self, ask: Callable[[Work], Awaitable[T]]) -> T: ...
    async def write(self, do: Callable[[Work], Awaitable[T]]) -> T: ...
    async def order(self, group: str, line: str, by: str, rank: int, member: str = "", *, sure: bool = False) -> str:
        """Do a chat command in a group in the name of a console user, and write it down; returns its answer.

        member: id of whom it is about. sure: they have seen what will come of it; it is not previewed once more.
        rank: 1 acts as the group's administrator, 2 as the bot's owner. Raises CommandError with a sentence.
        """

    async def set_setting(self, group: str, key: str, value: object, by: str) -> None:
        """One setting of a group, or with "" of all. Raises CommandError."""

    async def undo_setting(self, group: str, by: str) -> str | None:
        """Take back the last change there; says which key."""

    async def restore_setting(self, group: str, version: int, by: str) -> str:
        """Give one key the value of an earlier version; says which key. Raises CommandError."""

    def texts(self, language: str) -> Mapping[str, str]:
        """The catalogue of sentences, `section.key` → sentence."""

    def login_code(self) -> str:
        """What the QR code says that logs the account in, empty when nobody asks for a scan."""

    async def panels(self, place: str, group: str, member: str = "") -> list[Panel]:
        """What plugins show at a place: "activity" of a group, "member" for one person."""

    def groups(self) -> Sequence[Any]:
        """Every known group (bot.records.GroupInfo), those looked after first."""

    def manages(self, group: str) -> bool: ...
    def sections(self, group: str) -> Mapping[str, Any]:
        """Settings in force, by section."""

    async def judge(self, record: Mapping[str, object]) -> Mapping[str, Any]:
        """What the ad judge says of a message: score, verdict, signals. Raises CommandError when there is no judge."""

    async def run_job(self, plugin: str, name: str, group: str, *, by: str) -> None:
        """Do a daily job now; its next time stays. Raises CommandError when there is none."""

    async def skip_job(self, plugin: str, name: str, group: str, *, by: str) -> None:
        """Leave out a daily job's next time. Raises CommandError when there is none."""

    @property
    def version(self) -> str: ...
    def commands(self) -> Sequence[Mapping[str, Any]]:
        """Every command: name, aliases, role (a Chinese word), help, example."""

    def copies(self) -> Sequence[Mapping[str, Any]]:
        """The daily copies of the database: name and size in bytes, newest first."""

    async def back_up(self) -> str:
        """Copy the database now; the name of the copy. Raises StorageError."""

    def plugin_help(self, section: str) -> str:
        """A plugin's one line about itself; empty for a section of the bot's own."""

    def origin(self, group: str, key: str) -> str:
        """Where a value comes from: 默认, a file, the environment, or this group."""

    def audit(self, by: str, what: str, detail: Mapping[str, Any], group: str = "") -> Awaitable[None]:
        """Write down what somebody did here."""
