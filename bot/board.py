"""Top: the running bot as web pages see it (bot.web.board.Board): what it did, will do, and why."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import desc, or_, select

from bot.app import App
from bot.errors import CommandError
from bot.model import Member, Role
from bot.outcome import describe
from bot.readiness import reasons
from bot.storage.ledger import holdings
from bot.storage.outbox import State, row_of
from bot.storage.tables import cases, outbox
from bot.storage.work import Work
from bot.tally import Family
from bot.text import fill
from bot.timetable import planned
from bot.web.board import ActionLine, BoardHealth, OutboxLine, ScheduledLine

KEEPER = Member("console", "控制台", Role.KEEPER)
UNDOABLE = ("open", "warned", "removing", "removed", "paid")
_SETTLED = (State.DONE, State.FAILED, State.UNKNOWN, State.REFUSED, State.EXPIRED)


_LETTERS = {"lottery": "L", "moderation": "W", "report": "W", "shop": "D"}


def _number(plugin: str, name: str) -> str:
    """A timer's name as people know the thing it is about: of moderation, `case:34` is W34; of lottery, `draw:12` is
    L12."""
    _, _, number = name.partition(":")
    letter = _LETTERS.get(plugin, "") if number.isdecimal() else ""
    return f"{letter}{number}" if letter and number else name


def _single(values: Mapping[str, int]) -> dict[tuple[str, ...], float]:
    return {(name,): value for name, value in values.items()}


@dataclass(slots=True, repr=False)
class AppBoard:
    """Reads on a connection of its own; whatever changes something goes through commands or the app."""

    app: App
    restart: Callable[[], Awaitable[App]] | None = None
    _watchers: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app.listeners.append(self._changed)

    def _changed(self) -> None:
        for watcher in self._watchers:
            watcher()

    @property
    def zone(self) -> ZoneInfo:
        return self.app.settings.bot.zone

    def section_title(self, section: str) -> str:
        return self._say(f"section_{section}").removeprefix("section_")

    @property
    def keeps_days(self) -> int:
        return self.app.settings.storage.archive_days

    def now(self) -> datetime:
        return self.app.clock.now()

    def _say(self, key: str, **values: object) -> str:
        texts = self.app.texts[self.app.settings.bot.language]
        return fill(texts.get(f"board.{key}", key), values)

    # ---- health

    def health(self) -> BoardHealth:
        """Why the bot is not ready, and numbers for the metrics."""
        app, far = self.app, self.app.transport.health()
        counts = app.dispatcher.counts
        free = shutil.disk_usage(app.database.parent).free
        rows = app.courier.rows.values()
        oldest = max(((self.now() - row.created_at).total_seconds() for row in rows), default=0.0)
        return BoardHealth(
            reasons(app),
            {
                "events_total": counts.events,
                "events_repeated_total": counts.repeated,
                "handlers_failed_total": counts.handlers_failed,
                "actions_delivered_total": app.courier.delivered,
                "actions_failed_total": app.courier.failed,
                "actions_refused_total": sum(app.refused_by_reason.values()),
                "outbox_waiting": len(app.courier.rows),
                "outbox_oldest_seconds": max(oldest, 0.0),
                "jobs_missed_total": app.schedule.missed,
                "commits_total": app.writer.commits,
                "gateway_connected": float(far.connected),
                "gateway_logged_in": float(far.logged_in),
                "groups_managed": len(app.book.managed()),
                "disk_free_bytes": free,
                "process_id": os.getpid(),
                "sending_slowed": float(app.courier.pacer.is_slow(self.now())),
                "errands_under_way": app.errands.under_way,
            },
            (
                Family("cases", "cases opened", ("plugin", "verdict"), dict(counts.cases_by_plugin.items())),
                Family("handler_failures", "handlers that raised", ("plugin",), _single(counts.failed_by_plugin)),
                Family("refused", "actions that policy held back", ("reason",), _single(app.refused_by_reason)),
                Family("errands", "errands by kind and outcome", ("outcome",), _single(app.errands.counts)),
            ),
            counts.taken,
        )

    def replay_settings(self) -> Mapping[str, str]:
        return {"bot.seed": json.dumps(self.app.dispatcher.room.seed, ensure_ascii=False)}

    # ---- lists

    async def _rows(self, statement: Any) -> list[Any]:
        async with self.app.reader.connect() as connection:
            return list(await connection.execute(statement))

    async def actions(self, group: str, limit: int) -> list[ActionLine]:
        mine = or_(outbox.c.group == group, outbox.c.group == "") if group else outbox.c.group.is_not(None)
        newest = (
            select(outbox, cases.c.state.label("case_state"))
            .outerjoin(cases, cases.c.no == outbox.c.case)
            .where(mine)
            .order_by(desc(outbox.c.id))
            .limit(limit)
        )
        lines = []
        for data in await self._rows(newest):
            row = row_of(data)
            state = self._say(row.state.value)
            if row.state is State.REFUSED:
                state = f"{state}（{self._say(f'refused_{row.error}')}）"
            reason = getattr(row.action, "reason", "")
            text = f"{describe(row)}：{reason}" if reason else describe(row)
            undoable = data.case_state in UNDOABLE
            lines.append(ActionLine(data.settled_at or row.created_at, text, state, row.action.case, undoable))
        return lines

    async def scheduled(self, group: str, limit: int) -> list[ScheduledLine]:
        async with self.app.reader.connect() as connection:
            lines = await planned(Work(connection), limit, group)
        return [ScheduledLine(line.at, self.plan_title(line.plugin, line.name)) for line in lines]

    def plan_title(self, plugin: str, name: str) -> str:
        texts = self.app.texts[self.app.settings.bot.language]
        for key in (f"plan_{plugin}_{name.partition(':')[0]}", f"plan_{plugin}", "plan_other"):
            if f"board.{key}" in texts:
                return self._say(key, plugin=plugin, name=_number(plugin, name))
        return f"{plugin} · {name}"

    async def holdings(self, group: str) -> Mapping[str, tuple[int, str]]:
        return {row.id: (row.points, row.inviter_id) for row in await self._rows(holdings(group))}

    async def outbox(self, limit: int) -> list[OutboxLine]:
        newest = select(outbox).order_by(outbox.c.settled_at.is_not(None), desc(outbox.c.id)).limit(limit)
        lines = []
        for data in await self._rows(newest):
            row = row_of(data)
            kind = "private" if data.kind == "say" and getattr(row.action, "to", "") else data.kind
            lines.append(
                OutboxLine(
                    row.created_at,
                    self._say(kind),
                    describe(row),
                    self._say(row.state.value),
                    None if row.state in _SETTLED else row.not_before,
                    row.attempts,
                    row.error,
                )
            )
        return lines

    # ---- deeds

    async def why(self, case: int) -> str:
        return await self._order(case, "/为什么")

    async def undo(self, case: int) -> str:
        answer = await self._order(case, "/撤销")
        await self.app.settle()
        return answer

    async def _order(self, case: int, command: str) -> str:
        group = await self._rows(select(cases.c.group).where(cases.c.no == case))
        if not group:
            raise CommandError(f"没有案件 W{case} (no such case)")
        app, at, order_id = self.app, self.now(), f"order:{uuid.uuid4()}"

        async def run(work: Work) -> str:
            return await app.dispatcher.rounds.order(work, group[0][0], f"{command} W{case}", KEEPER, at, order_id)

        return await app.writer.run(run)

    async def advance(self, to: datetime) -> None:
        await self.app.advance(to)

    async def reset(self) -> None:
        if self.restart is None:
            raise CommandError("只有沙盒可以重置 (only the sandbox can be reset)")
        self.app = await self.restart()
        self.app.listeners.append(self._changed)
        self._changed()

    def subscribe(self, watcher: Callable[[], None]) -> Callable[[], None]:
        self._watchers.append(watcher)

        def stop() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return stop
