"""Engine room: the courier carries out what is in the outbox, paced, and knows what to do when it cannot tell."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.actions import (
    Action,
    Announce,
    InviteMember,
    NotifyAdmins,
    Purpose,
    RemoveMember,
    SendImage,
    SendText,
)
from bot.clock import Clock
from bot.errors import Refused, Throttled, TransportError, Unavailable, Uncertain
from bot.events import CaseTold, Event, OwnMessageSeen, RemovalSettled, SendSettled
from bot.evidence import Echoes
from bot.inquiry import Inquiry
from bot.pacing import Pacer
from bot.storage import outbox as store
from bot.storage.outbox import ENGINE, REMOVAL_PRIORITY, Row, State
from bot.storage.work import Work
from bot.storage.writer import Writer
from bot.text import clip
from bot.transport import Transport

log = logging.getLogger(__name__)

URGENT = 10
"""Rows up to this priority (removals, enforcement) do not wait for human-like gaps."""
AWAITED = 20
"""Rows up to this priority (answers too) do not count against the daily caps."""
SETTLED = (State.DONE, State.FAILED, State.EXPIRED)
EVIDENCE = timedelta(seconds=60)
"""How long an uncertain message waits for the bot's own echo before an admin is asked."""
STALE = timedelta(hours=6)
"""What nobody wants any more: a reply or greeting that could not be sent for so long."""
AWAY = "the gateway is away"
WITHDRAWN = "withdrawn"
SLOW, SLOW_LONGEST = timedelta(minutes=10), timedelta(hours=2)
"""How long the brake stays on after the far side complained of too many sends."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits between attempts: doubling from `first` up to `longest`, at most `attempts` of them."""

    first: timedelta
    longest: timedelta
    attempts: int

    def after(self, attempts: int) -> timedelta:
        return min(self.first * (1 << min(attempts - 1, 16)), self.longest)


Notice = Callable[[Work, str, datetime, NotifyAdmins], Awaitable[None]]
Handle = Callable[[Work, Event], Awaitable[None]]


@dataclass(slots=True)
class Courier:
    """Delivers rows by priority, one at a time. Every state it reaches is on disk before the next step.

    notice: puts the engine's own word to the admins into the outbox. handle: tells the plugins a fact, in the
    transaction that settles the row. wake: called when there is something new to do.
    """

    writer: Writer
    transport: Transport
    clock: Clock
    pacer: Pacer
    backoff: Backoff
    notice: Notice
    handle: Handle
    say: Callable[[str, str, dict[str, object]], str]
    wake: Callable[[], None]
    rows: dict[int, Row] = field(default_factory=dict)
    delivered: int = 0
    failed: int = 0
    echoes: Echoes = field(default_factory=Echoes)
    evidence: timedelta = EVIDENCE
    on_brake: list[Callable[[str, datetime], None]] = field(default_factory=list)
    """Told when the brake goes on: the far side's complaint, and until when."""
    folder: Path | None = None
    """Where a text that goes out as a file lies while it is sent."""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _inquiry: Inquiry = field(init=False)

    def __post_init__(self) -> None:
        self._inquiry = Inquiry(self)

    # ---- what waits

    def adopt(self, rows: Sequence[Row]) -> None:
        """Rows found in the file at the start: a send that was under way is uncertain now."""
        for row in rows:
            if row.state is State.SENDING:
                row.state = State.UNKNOWN
                row.not_before = self.clock.now()
            self.rows[row.id] = row

    def accept(self, rows: Sequence[Row]) -> None:
        """New rows, on disk."""
        for row in rows:
            self.rows[row.id] = row
        self.wake()

    def withdraw(self, work: Work, plugin: str, tag: str) -> None:
        """Let the rows of a plugin that carry this tag, and still wait, go nowhere; the next turn settles them."""
        for row in self.rows.values():
            if row.plugin == plugin and row.state is State.WAITING and getattr(row.action, "tag", "") == tag:
                self._expire(work, row)
        work.after_commit.append(self.wake)

    def _expire(self, work: Work, row: Row) -> None:
        before = (row.state, row.error, row.not_before)
        row.state, row.error, row.not_before = State.EXPIRED, WITHDRAWN, self.clock.now()
        store.mark(work, row, None)

        def back() -> None:
            row.state, row.error, row.not_before = before

        work.on_rollback.append(back)

    def hurry(self) -> None:
        """The far side is back: what only waited for it need not wait out its time."""
        for row in self.rows.values():
            if row.state is State.WAITING and row.error == AWAY:
                row.not_before = min(row.not_before, self.clock.now())
        self.wake()

    def next_at(self) -> datetime | None:
        """When there is something to do next; None when nothing waits."""
        return min((at for _, at in self._line(self.clock.now())), default=None)

    def _line(self, now: datetime) -> Iterator[tuple[Row, datetime]]:
        """Rows by urgency with the moment they may go; one that is behind another to the same place is left out."""
        taken: set[tuple[str, str, int]] = set()
        for row in sorted(self.rows.values(), key=lambda r: (r.priority, r.id)):
            if row.state is State.WAITING and not isinstance(row.action, NotifyAdmins):
                place = (row.group, getattr(row.action, "to", ""), row.priority)
                if place in taken and row.priority != REMOVAL_PRIORITY:
                    continue
                taken.add(place)
            yield row, self._ready_at(row, now)

    def _ready_at(self, row: Row, now: datetime) -> datetime:
        if row.state is not State.WAITING:
            return row.not_before
        when = max(row.not_before, now)
        if isinstance(row.action, NotifyAdmins):
            return when
        return self.pacer.next_at(row.group, when, urgent=row.priority <= URGENT, awaited=row.priority <= AWAITED)

    def _next_row(self, now: datetime) -> Row | None:
        """The most urgent row that may go now, keeping the order of rows to the same place."""
        return next((row for row, at in self._line(now) if at <= now), None)

    async def deliver_due(self) -> int:
        """Do everything that may be done at this moment; returns how many rows moved."""
        async with self._turn:
            return await self._deliver_due()

    async def _deliver_due(self) -> int:
        moved = 0
        while (row := self._next_row(self.clock.now())) is not None:
            moved += 1
            if row.state is State.UNKNOWN:
                await self._inquiry.resolve(row)
            elif row.state is State.VERIFYING:
                await self._inquiry.verify(row)
            elif row.state in SETTLED:
                # What became of it could not be written down; that is all that is left to do.
                await self.settle(row, row.state, row.error)
            else:
                await self._send(row)
        return moved

    # ---- sending

    async def _send(self, row: Row) -> None:
        now = self.clock.now()
        if row.priority > URGENT and now - row.created_at > _wanted(row) and not isinstance(row.action, NotifyAdmins):
            log.warning("outbox row %s of %s to %s waited too long", row.id, row.plugin, row.group)
            await self.settle(row, State.EXPIRED, "waited too long")
            return
        if not isinstance(row.action, NotifyAdmins) and not self.transport.health().connected:
            row.not_before, row.error = now + self.backoff.first, AWAY
            return
        row.state, row.attempts = State.SENDING, row.attempts + 1
        await self.mark(row)
        self.pacer.sent(row.group, now)
        try:
            async with _on_disk(row.action, self.folder) as action:
                receipt = await self.transport.perform(action)
        except Throttled as error:
            self._brake(str(error))
            await self._again(row, str(error))
        except Unavailable as error:
            away = not self.transport.health().connected
            await self._again(row, str(error), counts=not away)
        except Uncertain as error:
            row.state, row.error = State.UNKNOWN, str(error)
            row.not_before = self.clock.now() + timedelta(seconds=1)
            await self.mark(row)
        except (Refused, TransportError) as error:
            await self.fail(row, str(error))
        else:
            row.message_id = receipt.message_id
            if isinstance(row.action, RemoveMember):
                row.state, row.not_before = State.VERIFYING, self.clock.now()
                await self.mark(row)
            else:
                await self.settle(row, State.DONE)

    def _brake(self, error: str) -> None:
        """The far side says it is too much: slower, nothing that can wait, and whoever runs the bot hears of it."""
        now = self.clock.now()
        if self.pacer.slow_down(now, SLOW, SLOW_LONGEST):
            assert self.pacer.slow_until is not None
            log.warning("sending too often (%s): slower until %s", error, self.pacer.slow_until)
            for tell in self.on_brake:
                tell(error, self.pacer.slow_until)

    async def _again(self, row: Row, error: str, *, counts: bool = True) -> None:
        if counts and row.attempts >= self.backoff.attempts:
            await self.fail(row, error)
            return
        if not counts:
            row.attempts = max(row.attempts - 1, 0)
        row.state, row.error = State.WAITING, error
        row.not_before = self.clock.now() + self.backoff.after(max(row.attempts, 1))
        await self.mark(row)

    async def mark(self, row: Row, settled_at: datetime | None = None) -> None:
        async def write(work: Work) -> None:
            store.mark(work, row, settled_at)

        await self.writer.run(write)

    async def settle(self, row: Row, state: State, error: str = "", ask: str = "") -> None:
        """Write down what became of a row and, in the same transaction, tell those who must know.

        ask: which sentence the admins get, once.
        """
        row.state, row.error = state, "" if state is State.DONE else error or row.error
        row.not_before = self.clock.now()
        facts = self._facts(row)

        async def write(work: Work) -> None:
            store.mark(work, row, self.clock.now())
            if ask and row.plugin != ENGINE and not isinstance(row.action, RemoveMember | NotifyAdmins):
                await self._ask_admins(work, row, ask)
            for fact in facts:
                await self.handle(work, fact)

        try:
            await self.writer.run(write, [fact.id for fact in facts])
        except SQLAlchemyError:
            raise
        except Exception as failure:
            # A listener broke in a way that dispatch could not keep to itself; the row is settled all the same.
            log.error("outbox row %s: what became of it could not be told", row.id, exc_info=failure)
            await self.mark(row, self.clock.now())
        self.delivered += state is State.DONE
        self.rows.pop(row.id, None)
        self._inquiry.forget(row)
        self.echoes.claim(row.message_id)

    async def fail(self, row: Row, error: str) -> None:
        self.failed += 1
        log.warning("outbox row %s (%s) failed: %s", row.id, type(row.action).__name__, error)
        await self.settle(row, State.FAILED, error, ask="failed")

    def _facts(self, row: Row) -> list[Event]:
        """What the plugins hear. Ids hold the event's, because those of rows may come again."""
        about: dict[str, Any] = {"at": self.clock.now(), "group": row.group, "case": row.action.case}
        done = row.state is State.DONE
        if isinstance(row.action, RemoveMember):
            about |= {"member": row.action.member, "done": done, "error": row.error}
            return [RemovalSettled(id=f"outbox:{row.id}:{row.state.value}:{row.event_id}", **about)]
        if isinstance(row.action, SendText) and row.action.tag:
            outcome = WITHDRAWN if row.error == WITHDRAWN else row.state.value
            about = {"at": about["at"], "group": row.group, "plugin": row.plugin, "tag": row.action.tag}
            tale = f"outbox:{row.id}:settled:{row.event_id}"
            return [SendSettled(id=tale, outcome=outcome, error=row.error, **about)]
        if row.action.case is not None and is_warning(row.action) and row.state in (State.DONE, State.UNKNOWN):
            return [CaseTold(id=f"outbox:{row.id}:told:{row.event_id}", certain=done, **about)]
        return []

    async def _ask_admins(self, work: Work, row: Row, key: str) -> None:
        """Say once that a row did not (or may not have) come through."""
        about: dict[str, object] = {"no": row.id, "what": describe(row), "error": clip(row.error, 80)}
        notice = NotifyAdmins(group=row.group, case=row.action.case, text=self.say(row.group, key, about))
        await self.notice(work, f"outbox:{row.id}:{key}:{row.event_id}", self.clock.now(), notice)

    async def seen_own(self, work: Work, event: OwnMessageSeen) -> None:
        """The bot's own message came back: evidence, also for a row whose answer got lost."""
        self.echoes.remember(event.at, event.to or event.group, event.text, event.message_id)
        for row in self.rows.values():
            if row.state is State.UNKNOWN and self.echoes.of(row) is not None:
                row.not_before = self.clock.now()
                work.after_commit.append(self.wake)


def _wanted(row: Row) -> timedelta:
    """How long somebody wants it."""
    lasts = row.action.lasts if isinstance(row.action, SendText | SendImage) else None
    return STALE if lasts is None else min(STALE, timedelta(seconds=lasts))


def is_warning(action: Action) -> bool:
    """Whether it is said to a member about a case."""
    return isinstance(action, SendText) and action.purpose is Purpose.ENFORCEMENT and not action.to


@asynccontextmanager
async def _on_disk(action: Action, folder: Path | None) -> AsyncIterator[Action]:
    """The action as the transports know it: a text that goes out as a file lies in one until it is sent."""
    if not isinstance(action, SendImage) or action.path or not action.name:
        yield action
        return
    if folder is None:
        raise Refused("没有放文件的地方 (no folder for files)")
    path = folder / Path(action.name).name
    try:
        await asyncio.to_thread(_write, path, action.text)
    except OSError as error:
        raise Unavailable(f"文件写不进去：{error.strerror} (the file cannot be written)") from error
    try:
        yield replace(action, path=str(path))
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def describe(row: Row) -> str:
    """One short Chinese phrase for the admins."""
    match row.action:
        case SendText(text=text, to=to):
            return f"{'私聊' if to else '群消息'}“{clip(text, 30)}”"
        case RemoveMember(member=member):
            return f"移出 {member.name}"
        case InviteMember(member=member):
            return f"邀请 {member.name}"
        case Announce(text=text):
            return f"群公告“{clip(text, 30)}”"
        case NotifyAdmins(text=text):
            return f"通知管理员“{clip(text, 30)}”"
        case SendImage(path=path, name=name):
            return f"文件 {name}" if name else f"图片 {path.rsplit('/', 1)[-1]}"
        case _:
            return type(row.action).__name__


__all__ = ["REMOVAL_PRIORITY", "Backoff", "Courier", "describe"]
