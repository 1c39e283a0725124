"""Top: the running bot as the console needs it (bot.web.console.house.House)."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from bot import __version__
from bot.board import AppBoard
from bot.errors import CommandError
from bot.events import JobDue
from bot.model import Member, Role
from bot.nightly import Nightly
from bot.override import SettingStore
from bot.panels import Panels
from bot.plugin import Job
from bot.records import GroupInfo, Panel
from bot.storage.tables import audit, jobs
from bot.storage.work import Work
from bot.text import clean_name
from bot.timetable import next_daily

T = TypeVar("T")
ROLES = {
    Role.MEMBER: "群友",
    Role.HELPER: "协管",
    Role.MODERATOR: "管理",
    Role.ADMIN: "管理员",
    Role.OWNER: "群主",
    Role.KEEPER: "主人",
}


@dataclass(slots=True, repr=False)
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

    async def order(self, group: str, line: str, by: str, rank: int, member: str = "", *, sure: bool = False) -> str:
        app, at, order_id = self.board.app, self.now(), f"console:{uuid.uuid4()}"
        mentions = (member,) if member else ()
        who = Member(f"console:{by}", f"{clean_name(by)}（控制台）", Role.KEEPER if rank > 1 else Role.ADMIN)

        app.dispatcher.room.cache.outside[who.id] = who.role

        async def run(work: Work) -> str:
            order = app.dispatcher.rounds.order
            answer = await order(work, group, line, who, at, order_id, mentions, sure=sure)
            self._note(work, by, "console.order", {"line": line, **({"member": member} if member else {})}, group)
            return answer

        answer = await app.writer.run(run)
        app.look_at_parcels()
        return answer

    async def set_setting(self, group: str, key: str, value: object, by: str) -> None:
        await self.board.app.set_setting(group, key, value, by=f"console:{by}")

    async def undo_setting(self, group: str, by: str) -> str | None:
        app, now = self.board.app, self.now()

        async def write(work: Work) -> str | None:
            undone = await SettingStore(work, app.book, group, now, "").undo(by=f"console:{by}")
            return "、".join(undone) or None

        undone = await app.writer.run(write)
        app.plan_later(group)
        return undone

    async def restore_setting(self, group: str, version: int, by: str) -> str:
        app, now = self.board.app, self.now()

        async def write(work: Work) -> str:
            return await SettingStore(work, app.book, group, now, "").restore(version, by=f"console:{by}")

        key = await app.writer.run(write)
        app.plan_later(group)
        return key

    def texts(self, language: str) -> Mapping[str, str]:
        return self.board.app.texts[language]

    def login_code(self) -> str:
        return self.board.app.transport.health().code

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

    async def judge(self, record: Mapping[str, object]) -> Mapping[str, Any]:
        judges = [plugin for plugin in self.board.app.plugins if hasattr(plugin, "judge_record")]
        if not judges:
            raise CommandError("没有装识别广告的插件 (no judge)")
        found = await asyncio.to_thread(judges[0].judge_record, record)
        signals = [{"name": s.name, "detail": s.detail, "weight": s.weight} for s in found.signals]
        return {"score": found.score, "verdict": found.verdict, "signals": signals, "error": ""}

    async def run_job(self, plugin: str, name: str, group: str, *, by: str) -> None:
        self._job(plugin, name)
        now = self.now()
        due = JobDue(id=f"job-now:{uuid.uuid4()}", at=now, group=group, plugin=plugin, name=name, due_at=now)
        await self.audit(by, "job.run", {"job": f"{plugin}.{name}"}, group)
        await self.board.app.dispatcher.submit(due)
        self.board.app.look_at_parcels()

    async def skip_job(self, plugin: str, name: str, group: str, *, by: str) -> None:
        job, book = self._job(plugin, name), self.board.app.book
        at, zone = job.at(book.sections(group)[plugin]), book.info(group).zone
        mine = (jobs.c.plugin == plugin) & (jobs.c.name == name) & (jobs.c.group == group)

        async def write(work: Work) -> None:
            row = (await work.execute(select(jobs).where(mine))).first()
            if row is None or at is None:
                raise CommandError("这个任务没有排着 (not planned)")
            later = next_daily(at, zone, row.next_at)
            await work.execute(update(jobs).where(mine).values(next_at=later, last_outcome="skipped"))

        await self.write(write)
        await self.audit(by, "job.skipped", {"job": f"{plugin}.{name}"}, group)
        self.board.app.schedule.changed()

    def _job(self, plugin: str, name: str) -> Job:
        known = [job for one in self.board.app.plugins if one.name == plugin for job in one.jobs if job.name == name]
        if not known:
            raise CommandError("没有这个定时任务 (no such job)")
        return known[0]

    @property
    def version(self) -> str:
        return __version__

    def commands(self) -> Sequence[Mapping[str, Any]]:
        known = sorted(
            self.board.app.dispatcher.room.registry.commands, key=lambda command: (command.role, command.name)
        )
        return [
            {
                "name": one.name,
                "aliases": one.aliases,
                "role": ROLES[one.role],
                "help": one.help,
                "example": one.example,
            }
            for one in known
        ]

    def _nightly(self) -> Nightly:
        app = self.board.app
        return Nightly(app.database, time(0), app.settings.bot.zone, app.settings.storage.backups_kept, app.server)

    def copies(self) -> Sequence[Mapping[str, Any]]:
        return [{"name": path.name, "size": path.stat().st_size} for path in reversed(self._nightly().copies)]

    async def back_up(self) -> str:
        return (await self._nightly().make(self.now())).name

    def plugin_help(self, section: str) -> str:
        return next((plugin.help for plugin in self.board.app.plugins if plugin.name == section), "")

    def origin(self, group: str, key: str) -> str:
        book = self.board.app.book
        if key in book.overrides.get(group, {}):
            return "本群"
        if key in book.overrides.get("", {}):
            return "全部群"
        # The folder is nobody's business here, the file and the line are.
        return self.board.app.settings.origin(key).rpartition("/")[2]

    async def audit(self, by: str, what: str, detail: Mapping[str, Any], group: str = "") -> None:
        async def write(work: Work) -> None:
            self._note(work, by, what, detail, group)

        await self.write(write)

    def _note(self, work: Work, by: str, what: str, detail: Mapping[str, Any], group: str) -> None:
        row = {"at": self.now(), "group": group, "actor": f"console:{by}", "what": what, "detail": dict(detail)}
        work.add(audit, {**row, "case": None, "event_id": ""})
