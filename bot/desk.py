"""Top: the running bot as the console needs it (bot.web.console.house.House)."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot.board import AppBoard
from bot.model import Member, Role
from bot.panels import Panels
from bot.records import GroupInfo, Panel
from bot.scope import SettingStore
from bot.storage.tables import audit
from bot.storage.work import Work
from bot.text import clean_name

T = TypeVar("T")


@dataclass(slots=True)
class Desk:
    """Reads on the app's second connection; whatever changes something goes through the one writer."""

    _board: AppBoard

    @property
    def board(self) -> AppBoard:
        return self._board

    @property
    def zone(self) -> ZoneInfo:
        return self.board.zone

    def now(self) -> datetime:
        return self.board.now()

    async def read(self, ask: Callable[[Work], Awaitable[T]]) -> T:
        async with self.board.app.reader.connect() as connection:
            return await ask(Work(connection))

    async def write(self, do: Callable[[Work], Awaitable[T]]) -> T:
        return await self.board.app.writer.run(do)

    async def order(self, group: str, line: str, by: str, rank: int) -> str:
        app, at, order_id = self.board.app, self.now(), f"console:{uuid.uuid4()}"
        who = Member(f"console:{by}", f"{clean_name(by)}（控制台）", Role.KEEPER if rank > 1 else Role.ADMIN)

        async def run(work: Work) -> str:
            return await app.dispatcher.order(work, group, line, who, at, order_id)

        answer = await app.writer.run(run)
        app.look_at_parcels()
        return answer

    async def set_setting(self, group: str, key: str, value: object, by: str) -> None:
        await self.board.app.set_setting(group, key, value, by=f"console:{by}")

    async def undo_setting(self, group: str, by: str) -> str | None:
        app, now = self.board.app, self.now()

        async def write(work: Work) -> str | None:
            return await SettingStore(work, app.book, group, now, "").undo(by=f"console:{by}")

        undone = await app.writer.run(write)
        app.plan_later(group)
        return undone

    async def panels(self, place: str, group: str, member: str = "") -> list[Panel]:
        app, now = self.board.app, self.now()
        ask = Panels(app.dispatcher.room, app.plugins)
        return await self.read(lambda work: ask.of(work, place, group, member, now))

    def groups(self) -> Sequence[GroupInfo]:
        book = self.board.app.book
        known = [book.info(group) for group in book.pages]
        return sorted(known, key=lambda info: (not book.manages(info.id), info.topic or info.id))

    def manages(self, group: str) -> bool:
        return self.board.app.book.manages(group)

    def sections(self, group: str) -> Mapping[str, Any]:
        return self.board.app.book.sections(group)

    def plugin_help(self, section: str) -> str:
        return next((plugin.help for plugin in self.board.app.plugins if plugin.name == section), "")

    def origin(self, group: str, key: str) -> str:
        book = self.board.app.book
        if key in book.overrides.get(group, {}):
            return "本群"
        if key in book.overrides.get("", {}):
            return "全部群"
        return self.board.app.settings.origin(key)

    async def audit(self, by: str, what: str, detail: Mapping[str, Any], group: str = "") -> None:
        row = {"at": self.now(), "group": group, "actor": f"console:{by}", "what": what, "detail": dict(detail)}

        async def write(work: Work) -> None:
            work.add(audit, {**row, "case": None, "event_id": ""})

        await self.write(write)
