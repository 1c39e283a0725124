"""Web: what the pages ask of the running bot, said from the pages' side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.tally import Family, Histogram


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One thing the bot did, decided or was held back from. All times here are aware UTC.

    text: one Chinese line (`移出 老王：3 分钟内未补红包`). state: a short Chinese word (`已完成`, `已拦下`, `等待中`).
    case: the number behind 为什么, None when there is none; undoable: whether 撤销 makes sense now.
    """

    at: datetime
    text: str
    state: str
    case: int | None = None
    undoable: bool = False


@dataclass(frozen=True, slots=True)
class ScheduledLine:
    """Something that will happen by itself."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """One row of the outbox. `not_before` is when pacing or a retry lets it go; `kind` and `state` are Chinese."""

    at: datetime
    kind: str
    text: str
    state: str
    not_before: datetime | None = None
    attempts: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class BoardHealth:
    """reasons: why the bot is not ready, one Chinese sentence each; empty means ready.

    numbers: gauges for /metrics, name without prefix → value. families: those with labels. taken: how long events took.
    """

    reasons: tuple[str, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)
    families: Sequence[Family] = ()
    taken: Histogram | None = None


class Board(Protocol):
    """The running bot, as the pages see it. Lists are newest first, but `scheduled` is soonest first."""

    @property
    def zone(self) -> ZoneInfo:
        """Where the clock on the page is read."""

    def now(self) -> datetime:
        """Aware UTC, by the bot's own clock."""

    @property
    def keeps_days(self) -> int:
        """How long messages are kept."""

    def section_title(self, section: str) -> str:
        """What a section of the settings is called, in two or three characters."""

    def plan_title(self, plugin: str, name: str) -> str:
        """What a timer or job is called."""

    def health(self) -> BoardHealth: ...

    def replay_settings(self) -> Mapping[str, str]:
        """What a script must `@set` to be replayed as here: key → TOML value (`bot.seed` → `"…"`)."""

    async def actions(self, group: str, limit: int) -> list[ActionLine]: ...

    async def scheduled(self, group: str, limit: int) -> list[ScheduledLine]: ...

    async def holdings(self, group: str) -> Mapping[str, tuple[int, str]]:
        """By person in the group: their points, and the id of who brought them ("" when nobody knows)."""

    async def outbox(self, limit: int) -> list[OutboxLine]:
        """Rows still waiting and those lately done, of every group."""

    async def why(self, case: int) -> str:
        """What was seen and weighed, in Chinese; may have several lines. Raises BotError when there is no such case."""

    async def undo(self, case: int) -> str:
        """Take the case back as an owner's `/撤销` would; the sentence that says what was done. Raises BotError."""

    async def advance(self, to: datetime) -> None:
        """Push the sandbox's clock to `to` through everything due on the way; `to` = now settles what is due now."""

    async def reset(self) -> None:
        """Sandbox only: stop, forget everything, reset the transport's world, and run again on an empty database."""

    def subscribe(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call `watcher` (in the event loop) after every change until the returned function is called."""
