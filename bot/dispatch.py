"""Engine room: from one event to what becomes of it, in one transaction, each handler in its own savepoint."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any, cast

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.actions import Action, Declare, Errand, OpenCase, Purpose, SendText
from bot.book import Book
from bot.boundary import Boundary, Counts, record
from bot.commander import Commander, Summons
from bot.commands import is_yes
from bot.errors import CommandError
from bot.events import (
    CaseOpened,
    ErrandDone,
    Event,
    GatewayChanged,
    JobDue,
    MessageReceived,
    OwnMessageSeen,
    RosterSeen,
    SendSettled,
    TimerDue,
)
from bot.model import Member, Role
from bot.plugin import CommandHandler, Plugin, Registration
from bot.policy import Proposal
from bot.proposal import is_answer
from bot.roster import Roster
from bot.scope import Room, WorkScope
from bot.settings import PolicySection
from bot.storage.archive import store_message
from bot.storage.tables import handled
from bot.storage.work import Work
from bot.storage.writer import Writer

log = logging.getLogger(__name__)

LISTS = 500
REMEMBERED = 50_000
"""Ids of events kept in memory besides the table, so that most repetitions need no look-up."""
FOLLOW_UPS = 2
"""How often what follows at once may lead to more that follows at once; a plugin must not go round for ever."""
_ADDRESSED = frozenset({TimerDue, JobDue, ErrandDone, SendSettled})
_HANDLED = select(handled.c.id).where(handled.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Wiring:
    """Which handlers see an event type: guards first, then the others."""

    guards: tuple[tuple[Plugin[Any], Registration], ...]
    others: tuple[tuple[Plugin[Any], Registration], ...]


Settle = Callable[[Work, Event, Sequence[Proposal]], Awaitable[list[Event]]]
"""Review proposals and write what may go to the outbox; returns facts that follow at once (a refused removal)."""


@dataclass(slots=True)
class Dispatcher:
    """Hands events to plugins. Everything of one event is kept together or not at all."""

    writer: Writer
    room: Room
    roster: Roster
    commander: Commander
    plugins: Sequence[Plugin[Any]]
    settle: Settle
    seen_own: Callable[[Work, OwnMessageSeen], Awaitable[None]]
    time_limit: timedelta = timedelta(seconds=10)
    boundary: Boundary = field(init=False)
    _wiring: dict[type[Event], Wiring] = field(default_factory=dict)
    _known_ids: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _handlers: dict[str, CommandHandler[Any]] = field(default_factory=dict)
    _jobs: dict[tuple[str, str], Callable[..., AsyncIterator[Action]]] = field(default_factory=dict)
    _by_name: dict[str, Plugin[Any]] = field(default_factory=dict)
    _lists: dict[str, RosterSeen] = field(default_factory=dict)
    """The last member list of groups we do not look after, in memory only, should we be asked to."""

    def __post_init__(self) -> None:
        self.boundary = Boundary(self.room)
        self.writer.prepare = self.look_up
        self.writer.forget.append(self._known_ids.clear)
        for plugin in self.plugins:
            self._by_name[plugin.name] = plugin
            self._handlers |= {command.name: handler for command, handler in plugin.commands}
            self._jobs |= {(plugin.name, job.name): job.handler for job in plugin.jobs}

    @property
    def book(self) -> Book:
        return self.room.book

    @property
    def counts(self) -> Counts:
        return self.boundary.counts

    def submit(self, event: Event) -> asyncio.Future[None]:
        """Queue an event; the future ends when its work is on disk."""
        done = self.writer.submit(lambda work: self.handle(work, event), keys=(event.id,), lane=_lane(event))
        done.add_done_callback(partial(self._give_up_hanging, event, perf_counter()))
        return done

    def _give_up_hanging(self, event: Event, began: float, done: asyncio.Future[None]) -> None:
        """An event that took too long is noted as handled, so that it does not come back and hang again."""
        self.counts.taken.add(perf_counter() - began)
        if done.cancelled() or not isinstance(done.exception(), TimeoutError):
            return
        busy = self.boundary.busy
        log.error("plugin %s took too long on event %s, the event is left alone", busy, event.id)
        self.boundary.too_slow(busy, event.at)

        async def note(work: Work) -> None:
            work.add(handled, {"id": event.id, "at": event.at})
            self._known_ids[event.id] = None
            record(work, event, "plugin.too_slow", {"plugin": busy})

        self.writer.submit(note, keys=(event.id,), lane=_lane(event))

    async def look_up(self, connection: AsyncConnection, ids: Sequence[str]) -> None:
        """Learn at once which events of a batch have been handled before."""
        unknown = [event_id for event_id in ids if event_id not in self._known_ids]
        for row in await connection.execute(_HANDLED, {"ids": unknown}) if unknown else ():
            self._known_ids[row.id] = None

    async def handle(self, work: Work, event: Event) -> None:
        """Everything that follows from one event. An id seen before does nothing."""
        if event.id in self._known_ids:
            self.counts.repeated += 1
            return
        work.add(handled, {"id": event.id, "at": event.at})
        self._known_ids[event.id] = None
        work.on_rollback.append(lambda: self._known_ids.pop(event.id, None))
        while len(self._known_ids) > REMEMBERED:
            self._known_ids.popitem(last=False)
        self.counts.events += 1
        async with asyncio.timeout(self.time_limit.total_seconds()):
            await self._handle(work, event)

    async def _handle(self, work: Work, event: Event) -> None:
        if isinstance(event, OwnMessageSeen):
            if event.group and self.book.manages(event.group):
                account = self.room.transport.account.id
                store_message(work, event.id, event.group, account, event.at, "own", event.text, None)
            await self.seen_own(work, event)
            return
        if isinstance(event, GatewayChanged):
            await self.roster.gap(work, event)
        if event.group:
            self.book.page(work, event.group, event.at)
            if not self.book.manages(event.group):
                await self._unmanaged(work, event)
                return
        for fact in await self.roster.observe(work, event):
            await self._run(work, fact)

    async def _unmanaged(self, work: Work, event: Event) -> None:
        """Nothing is kept of groups we do not look after, but their names and the word to begin."""
        if topic := getattr(event, "topic", ""):
            self.book.change(work, event.group, topic=topic)
            if self.book.manages(event.group):
                await self.roster.observe(work, event)
        if isinstance(event, RosterSeen):
            self._lists[event.group] = event
            while len(self._lists) > LISTS:
                self._lists.pop(next(iter(self._lists)))
        if isinstance(event, MessageReceived):
            await self._command(work, event, [])
            if self.book.manages(event.group) and (listed := self._lists.pop(event.group, None)) is not None:
                # Somebody said /启用: who is here need not wait for the next look at the list.
                await self.roster.observe(work, listed)

    async def _run(self, work: Work, event: Event, depth: int = 0) -> None:
        proposals: list[Proposal] = []
        await self.offer(work, event, proposals)
        if isinstance(event, ErrandDone) and event.asked:
            proposals = [_asked(proposal) for proposal in proposals]
        if proposals:
            await self._follow(work, event, proposals, depth)

    async def _follow(self, work: Work, event: Event, proposals: Sequence[Proposal], depth: int = 0) -> None:
        """Settle what was proposed, then hand round the facts that follow from it at once."""
        declared = [p.action.fact for p in proposals if isinstance(p.action, Declare)]
        rest = [p for p in proposals if not isinstance(p.action, Declare)]
        follow_ups = [*(await self.settle(work, event, rest) if rest else ()), *declared]
        if depth >= FOLLOW_UPS:
            for fact in declared:
                log.error("facts go round: %s is not handed round any more", fact.id)
            return
        for follow_up in follow_ups:
            await self._run(work, follow_up, depth + 1)

    async def offer(self, work: Work, event: Event, proposals: list[Proposal]) -> None:
        """Guards, then the command, then everybody else; cases opened on the way are facts of their own."""
        wiring = self._wired(type(event))
        if wiring.guards and not await self._spared(work, event):
            for plugin, registration in wiring.guards:
                if not self._concerns(work, plugin, registration, event):
                    continue
                if await self._ask(work, plugin, registration, event, proposals):
                    await self._open_cases(work, event, proposals)
                    return
        if isinstance(event, MessageReceived) and await self._command(work, event, proposals):
            await self._open_cases(work, event, proposals)
            return
        for plugin, registration in wiring.others:
            if self._concerns(work, plugin, registration, event):
                await self._ask(work, plugin, registration, event, proposals)
        if isinstance(event, MessageReceived) and any(map(is_answer, proposals)):
            tired = self.commander.is_tired(event, event.sender.role)
            proposals[:] = [proposal for proposal in proposals if not (tired and is_answer(proposal))]
        if isinstance(event, JobDue):
            await self._job(work, event, proposals)
        await self._open_cases(work, event, proposals)

    async def _spared(self, work: Work, event: Event) -> bool:
        """Guards do not look at those whom no rule may hit."""
        who = getattr(event, "sender", None) or getattr(event, "member", None)
        if who is None or not event.group:
            return True
        known = (await self.roster.cache.group(work, event.group)).get(who.id)
        return known is not None and known.exempt_at(event.at)

    def _wired(self, event_type: type[Event]) -> Wiring:
        wiring = self._wiring.get(event_type)
        if wiring is None:
            interested = [
                (plugin, registration)
                for plugin in self.plugins
                for registration in plugin.registrations
                if issubclass(event_type, registration.event_type)
            ]
            wiring = self._wiring[event_type] = Wiring(
                tuple(pair for pair in interested if pair[1].guard),
                tuple(pair for pair in interested if not pair[1].guard),
            )
        return wiring

    def _concerns(self, work: Work, plugin: Plugin[Any], registration: Registration, event: Event) -> bool:
        """Whether the handler wants to see the event; what is addressed to one plugin is nobody else's."""
        if type(event) in _ADDRESSED and cast(TimerDue, event).plugin != plugin.name:
            return False
        try:
            return registration.when is None or registration.when(event)
        except Exception as error:  # noqa: BLE001  a part of the handler
            self.boundary.failed(work, plugin, registration.handler, event, error, guard=registration.guard)
            return False

    async def _ask(
        self, work: Work, plugin: Plugin[Any], registration: Registration, event: Event, proposals: list[Proposal]
    ) -> bool:
        """Run one handler; whether it stopped the event."""
        return await self.boundary.call(
            work, plugin, registration.handler, event, event, event.group, proposals, guard=registration.guard
        )

    async def _command(self, work: Work, event: MessageReceived, proposals: list[Proposal]) -> bool:
        """Whether the message was a command (understood or not), which nobody else then sees."""
        summons = await self.commander.read(work, event)
        if summons is None:
            return False
        managed = bool(proposals) or self.book.manages(event.group) or not event.group
        mine: list[Proposal] = proposals if managed else []
        await self._obey(work, event, summons, mine)
        if not managed and mine:
            await self._follow(work, event, mine)
        return True

    async def _obey(self, work: Work, event: MessageReceived, summons: Summons, proposals: list[Proposal]) -> None:
        if summons.call is not None:
            command = summons.call.command
            handler = self._handlers[command.name]
            answers: list[Proposal] = []
            await self.boundary.call(
                work, self._by_name[command.plugin], handler, summons.call, event, summons.group, answers
            )
            asked = summons.role >= Role.HELPER
            proposals += [_asked(proposal) if asked else proposal for proposal in answers]
        elif summons.refusal:
            text = summons.refusal if not event.group else f"@{event.sender.name} {summons.refusal}"
            answer = SendText(
                group=event.group or summons.group,
                to="" if event.group else event.sender.id,
                text=text,
                mentions=(event.sender,) if event.group else (),
                purpose=Purpose.REPLY,
            )
            proposals.append(Proposal("help", answer))

    async def order(
        self, work: Work, group: str, line: str, by: Member, at: datetime, order_id: str, mentions: tuple[str, ...] = ()
    ) -> str:
        """Do a command in the name of somebody outside the chat (the console); its answer is returned, not sent.

        mentions: ids of members the line is about. Raises CommandError when the line is no command, or one that needs
        a higher role.
        """
        event = MessageReceived(id=order_id, at=at, sender=by, text=line, mentions=mentions)
        summons = await self.commander.agreed(work, event, by.role) if is_yes(line) else None
        if summons is None:
            parsed = self.room.registry.parse(line)
            if parsed is None or parsed.command is None:
                raise CommandError(f"没有“{line[:20]}”这个命令 (no such command)")
            if by.role < parsed.command.role:
                raise CommandError(f"/{parsed.command.name} 要更高的身份才能用 (not allowed)")
            summons = Summons(group, call=await self.commander.call(work, group, parsed, event), role=by.role)
        proposals: list[Proposal] = []
        await self._obey(work, event, summons, proposals)
        await self._open_cases(work, event, proposals)
        answers = [p.action.text for p in proposals if isinstance(p.action, SendText) and p.action.to == by.id]
        others = [p for p in proposals if not (isinstance(p.action, SendText) and p.action.to == by.id)]
        if others:
            await self._follow(work, event, others)
        return "\n".join(answers)

    async def _job(self, work: Work, event: JobDue, proposals: list[Proposal]) -> None:
        handler = self._jobs.get((event.plugin, event.name))
        if handler is not None:
            await self.boundary.call(work, self._by_name[event.plugin], handler, event, event, event.group, proposals)

    async def _open_cases(self, work: Work, event: Event, proposals: list[Proposal]) -> None:
        """Give each finding a number, unless one of the same plugin is still open against the same member."""
        findings = [p for p in proposals if isinstance(p.action, OpenCase)]
        proposals[:] = [p for p in proposals if not isinstance(p.action, OpenCase)]
        for finding in findings:
            opened = await self._open_case(work, event, finding.plugin, cast(OpenCase, finding.action))
            if opened is not None:
                await self.offer(work, opened, proposals)

    async def _open_case(self, work: Work, event: Event, plugin: str, action: OpenCase) -> CaseOpened | None:
        scope = WorkScope(self.room, work, plugin, event.id, event.at)
        if action.member.role > 0 or await scope.members(action.group).is_exempt(action.member.id):
            return None
        cases = scope.cases(action.group)
        if any(case.plugin == plugin for case in await cases.open_of(action.member.id)):
            return None
        rules = cast(PolicySection, self.book.sections(action.group)["policy"])
        case = await cases.open(
            action.member,
            action.verdict,
            action.signals,
            message_id=action.message_id,
            text=action.text,
            mode=action.mode.milder(rules.rule_modes.get(plugin, action.mode)),
        )
        key = (plugin, action.verdict)
        self.counts.cases_by_plugin[key] = self.counts.cases_by_plugin.get(key, 0) + 1
        return CaseOpened(
            id=f"case:{case.no}",
            at=event.at,
            group=action.group,
            case=case.no,
            member=action.member,
            plugin=plugin,
            verdict=action.verdict,
            message_id=action.message_id,
            signals=action.signals,
        )


def _asked(proposal: Proposal) -> Proposal:
    """What somebody who runs the group asked for; of an errand, its outcome is."""
    action = proposal.action
    return replace(proposal, action=replace(action, asked=True) if isinstance(action, Errand) else action, asked=True)


def _lane(event: Event) -> str:
    """Whose events wait for one another: those of a group, or of somebody who writes in private."""
    if event.group or not isinstance(event, MessageReceived):
        return event.group
    return event.sender.id
