"""Engine room: the courier carries out what is in the outbox, paced, and knows what to do when it cannot tell."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.actions import NotifyAdmins, RemoveMember
from bot.clock import Clock
from bot.errors import Refused, Throttled, TransportError, Unavailable, Uncertain
from bot.events import Event, OwnMessageSeen
from bot.evidence import Echoes
from bot.inquiry import Inquiry
from bot.outcome import WITHDRAWN, describe, facts_of
from bot.pacing import Pacer
from bot.parcel import on_disk
from bot.storage import outbox as store
from bot.storage.outbox import ENGINE, Row, State
from bot.storage.work import Work
from bot.storage.writer import Writer
from bot.text import clip
from bot.transport import Transport
from bot.turn import in_turn, is_too_late, next_row

log = logging.getLogger(__name__)

SETTLED = (State.DONE, State.FAILED, State.EXPIRED)
EVIDENCE = timedelta(seconds=60)
"""How long an uncertain message waits for the bot's own echo before an admin is asked."""
AWAY = "the gateway is away"
LEASE = "the lease of the account is not sure"
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


@dataclass(slots=True, repr=False)
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
    may_send: Callable[[], bool] | None = None
    """Whether the account is certainly still ours (bot.storage.lease); None: nobody else can have it."""
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
        return min((at for _, at in in_turn(self.rows.values(), self.pacer, self.clock.now())), default=None)

    async def deliver_due(self) -> int:
        """Do everything that may be done at this moment; returns how many rows moved."""
        async with self._turn:
            return await self._deliver_due()

    async def _deliver_due(self) -> int:
        moved = 0
        while (row := next_row(self.rows.values(), self.pacer, self.clock.now())) is not None:
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
        if is_too_late(row, now):
            log.warning("outbox row %s of %s to %s waited too long", row.id, row.plugin, row.group)
            await self.settle(row, State.EXPIRED, "waited too long")
            return
        if self._is_doubtful():
            row.not_before, row.error = now + self.backoff.first, LEASE
            return
        if not isinstance(row.action, NotifyAdmins) and not self.transport.health().connected:
            row.not_before, row.error = now + self.backoff.first, AWAY
            return
        row.state, row.attempts = State.SENDING, row.attempts + 1
        await self.mark(row)
        if self._is_doubtful():
            # The process hung between writing that it will send and sending.
            await self._again(row, LEASE, counts=False)
            return
        self.pacer.sent(row.group, now)
        try:
            async with on_disk(row.action, self.folder) as action:
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

    def _is_doubtful(self) -> bool:
        return self.may_send is not None and not self.may_send()

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
        facts = facts_of(row, self.clock.now())

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
