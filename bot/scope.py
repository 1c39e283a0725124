"""Engine room: what stands behind a handler's Context: one unit of work, one event, one plugin's view."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, cast

from sqlalchemy import CursorResult, Executable, Table
from sqlalchemy.sql.visitors import iterate

from bot.blocks import Shelf
from bot.book import Book
from bot.commands import Registry
from bot.context import GroupInfo, Preset
from bot.events import Event
from bot.model import Capability, Mode
from bot.override import SettingStore
from bot.picture import PictureError, find_picture
from bot.plugin import Block
from bot.storage.archive import ArchiveStore
from bot.storage.cases import CaseStore
from bot.storage.known import RosterCache
from bot.storage.ledger import LedgerStore
from bot.storage.members import MemberStore
from bot.storage.notes import NoteStore, TimerStore
from bot.storage.work import Part, Work
from bot.texts import Texts
from bot.transport import Transport

__all__ = ["PluginTables", "Room", "WorkScope"]


@dataclass(slots=True, repr=False)
class Room:
    """What all scopes share."""

    book: Book
    cache: RosterCache
    transport: Transport
    texts: Texts
    registry: Registry
    seed: str
    timers_changed: Callable[[], None]
    status: Callable[[], Mapping[str, str]]
    own_tables: Mapping[str, frozenset[Table]] = field(default_factory=dict)
    """By plugin."""
    blocks: Mapping[str, Block] = field(default_factory=dict)
    """What plugins offer for a brief, by name."""
    presets: Mapping[str, Preset] = field(default_factory=dict)
    """Ready-made settings for kinds of groups, by name."""
    memory: dict[str, dict[Any, Any]] = field(default_factory=dict)
    """What plugins remember until the process ends, by plugin."""
    _registries: dict[tuple[object, object], Registry] = field(default_factory=dict)

    def memory_of(self, plugin: str) -> dict[Any, Any]:
        return self.memory.setdefault(plugin, {})

    def commands(self, group: str) -> Registry:
        """The commands as they are called in this group."""
        bot: Any = self.book.sections(group)["bot"]
        renamed, off = getattr(bot, "renamed", ()), getattr(bot, "switched_off", ())
        if not renamed and not off:
            return self.registry
        if (found := self._registries.get((renamed, off))) is None:
            if len(self._registries) > 500:
                self._registries.clear()
            found = self._registries[(renamed, off)] = self.registry.adapted(renamed, off)
        return found


class WorkScope:
    """Implements bot.context.Scope over one unit of work, or a part of one that begins with its first use."""

    __slots__ = ("_part", "event_id", "now", "plugin", "room", "stopped")

    def __init__(self, room: Room, part: Work | Part, plugin: str, event_id: str, now: datetime) -> None:
        self.room = room
        self._part = part
        self.plugin = plugin
        self.event_id = event_id
        self.now = now
        self.stopped = False

    @property
    def work(self) -> Work:
        return self._part if isinstance(self._part, Work) else self._part.work

    def notes(self, plugin: str, group: str) -> NoteStore:
        return NoteStore(self.work, plugin, group, self.now)

    def memory(self, plugin: str) -> dict[Any, Any]:
        return self.room.memory_of(plugin)

    def timers(self, plugin: str, group: str) -> TimerStore:
        return TimerStore(self.work, plugin, group, self.now, self.room.timers_changed)

    def members(self, group: str) -> MemberStore:
        return MemberStore(self.work, group, self.now, self.event_id, self.room.cache, self.room.transport.account.id)

    def ledger(self, group: str) -> LedgerStore:
        return LedgerStore(self.work, group, self.now, self.event_id)

    def cases(self, group: str) -> CaseStore:
        mode = Mode(self.room.book.info(group).mode)
        return CaseStore(self.work, group, self.plugin, self.now, self.event_id, mode)

    def archive(self, group: str) -> ArchiveStore:
        return ArchiveStore(self.work, group)

    def settings(self, group: str) -> SettingStore:
        return SettingStore(self.work, self.room.book, group, self.now, self.event_id)

    def sections(self, group: str) -> Mapping[str, Any]:
        return self.room.book.sections(group)

    def texts(self, language: str) -> Mapping[str, str]:
        return self.room.texts[language]

    def random(self, purpose: str) -> Random:
        digest = hashlib.sha256(f"{self.room.seed}\n{self.event_id}\n{purpose}".encode()).digest()
        return Random(int.from_bytes(digest, "big"))  # noqa: S311  seeded by the installation's secret on purpose

    def picture(self, name: str) -> str:
        try:
            return str(find_picture(self.room.book.files, name).resolve()) if name else ""
        except PictureError:
            return ""

    def capabilities(self, group: str) -> frozenset[Capability]:
        return self.room.transport.capabilities(group)

    def status(self) -> Mapping[str, str]:
        return self.room.status()

    def blocks(self, group: GroupInfo, event: Event) -> Shelf:
        def scope_of(plugin: str, work: Work) -> WorkScope:
            return WorkScope(self.room, work, plugin, event.id, event.at)

        return Shelf(self.room.blocks, self.room.book, self.work, group, event, scope_of)

    def commands(self, group: str) -> Registry:
        return self.room.commands(group)

    @property
    def presets(self) -> Mapping[str, Preset]:
        return self.room.presets

    async def groups(self) -> list[GroupInfo]:
        return [self.room.book.info(group) for group in self.room.book.pages]

    def stop(self) -> None:
        self.stopped = True

    @property
    def db(self) -> PluginTables:
        return PluginTables(self.work, self.room.own_tables.get(self.plugin, frozenset()))


class PluginTables:
    """Implements bot.context.Database: a plugin's way to its own tables."""

    __slots__ = ("_own", "_work")

    def __init__(self, work: Work, own: frozenset[Table]) -> None:
        self._work = work
        self._own = own

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement now. One about nothing but the plugin's own tables does not wait for everybody's rows."""
        tables = {element for element in iterate(cast(Any, statement)) if isinstance(element, Table)}
        alone = bool(tables) and tables <= self._own and not self._work.awaits(tables)
        return await self._work.execute(statement, parameters, alone=alone)

    def add(self, table: Table, row: Mapping[str, Any]) -> None:
        self._work.add(table, row)
