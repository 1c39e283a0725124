"""Engine room: an event's round through the plugins: guards, the command, everybody else, and what follows at once."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from bot.actions import Action, Declare, OpenCase, SendText
from bot.book import Book
from bot.boundary import Boundary
from bot.docket import open_case
from bot.events import ErrandDone, Event, JobDue, MessageReceived, SendSettled, TimerDue
from bot.model import Member
from bot.orders import Orders, by_request
from bot.plugin import Plugin, Registration
from bot.policy import Proposal
from bot.proposal import is_answer
from bot.scope import Room
from bot.storage.work import Work

log = logging.getLogger(__name__)

FOLLOW_UPS = 2
"""How often what follows at once may lead to more that follows at once; a plugin must not go round for ever."""
_ADDRESSED = frozenset({TimerDue, JobDue, ErrandDone, SendSettled})


@dataclass(frozen=True, slots=True)
class Wiring:
    """Which handlers see an event type: guards first, then the others."""

    guards: tuple[tuple[Plugin[Any], Registration], ...]
    others: tuple[tuple[Plugin[Any], Registration], ...]


Settle = Callable[[Work, Event, Sequence[Proposal]], Awaitable[list[Event]]]
"""Review proposals and write what may go to the outbox; returns facts that follow at once (a refused removal)."""


@dataclass(slots=True, repr=False)
class Rounds:
    """Asks the plugins, in the transaction of the event."""

    room: Room
    orders: Orders
    boundary: Boundary
    plugins: Sequence[Plugin[Any]]
    settle: Settle
    _wiring: dict[type[Event], Wiring] = field(default_factory=dict)
    _jobs: dict[tuple[str, str], tuple[Plugin[Any], Callable[..., AsyncIterator[Action]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for plugin in self.plugins:
            self._jobs |= {(plugin.name, job.name): (plugin, job.handler) for job in plugin.jobs}

    @property
    def book(self) -> Book:
        return self.room.book

    async def run(self, work: Work, event: Event, depth: int = 0) -> None:
        proposals: list[Proposal] = []
        await self.offer(work, event, proposals)
        if isinstance(event, ErrandDone) and event.asked:
            proposals = [by_request(proposal) for proposal in proposals]
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
            await self.run(work, follow_up, depth + 1)

    async def offer(self, work: Work, event: Event, proposals: list[Proposal]) -> None:
        """Guards, then the command, then everybody else; cases opened on the way are facts of their own."""
        wiring = self._wired(type(event))
        if not await self._is_stopped(work, event, wiring, proposals):
            for plugin, registration in wiring.others:
                if self._concerns(work, plugin, registration, event):
                    await self._ask(work, plugin, registration, event, proposals)
            if isinstance(event, MessageReceived) and any(map(is_answer, proposals)):
                tired = self.orders.commander.is_tired(event, event.sender.role)
                proposals[:] = [proposal for proposal in proposals if not (tired and is_answer(proposal))]
            if isinstance(event, JobDue):
                await self._job(work, event, proposals)
        if proposals:
            await self._open_cases(work, event, proposals)

    async def _is_stopped(self, work: Work, event: Event, wiring: Wiring, proposals: list[Proposal]) -> bool:
        """Whether a guard stopped the event, or it was a command: nobody else then sees it."""
        if wiring.guards and not await self._spared(work, event):
            for plugin, registration in wiring.guards:
                wanted = self._concerns(work, plugin, registration, event)
                if wanted and await self._ask(work, plugin, registration, event, proposals):
                    return True
        return isinstance(event, MessageReceived) and await self.command(work, event, proposals)

    async def _spared(self, work: Work, event: Event) -> bool:
        """Guards do not look at those whom no rule may hit."""
        who = getattr(event, "sender", None) or getattr(event, "member", None)
        if who is None or not event.group:
            return True
        known = (await self.room.cache.group(work, event.group)).get(who.id)
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
            if registration.when is not None and not registration.when(event):
                return False
            if registration.wanted is not None and not registration.wanted(
                self.book.sections(event.group)[plugin.name]
            ):
                return False
            return registration.knowing is None or registration.knowing(event, self.room.memory_of(plugin.name))
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

    async def command(self, work: Work, event: MessageReceived, proposals: list[Proposal]) -> bool:
        """Whether the message was a command (understood or not), which nobody else then sees."""
        summons = await self.orders.commander.read(work, event)
        if summons is None:
            return False
        managed = bool(proposals) or self.book.manages(event.group) or not event.group
        mine: list[Proposal] = proposals if managed else []
        await self.orders.obey(work, event, summons, mine)
        if not managed and mine:
            await self._follow(work, event, mine)
        return True

    async def order(
        self,
        work: Work,
        group: str,
        line: str,
        by: Member,
        at: datetime,
        order_id: str,
        mentions: tuple[str, ...] = (),
        *,
        sure: bool = False,
    ) -> str:
        """Do a command in the name of somebody outside the chat (the console); its answer is returned, not sent.

        mentions: ids of members the line is about. sure: it needs no preview any more. Raises CommandError when the
        line is no command, or one that needs a higher role.
        """
        event = MessageReceived(id=order_id, at=at, sender=by, text=line, mentions=mentions)
        summons = await self.orders.understood(work, group, event)
        if sure and summons.call is not None:
            summons = replace(summons, call=replace(summons.call, confirmed=True))
        proposals: list[Proposal] = []
        await self.orders.obey(work, event, summons, proposals)
        await self._open_cases(work, event, proposals)
        answers = [p.action.text for p in proposals if isinstance(p.action, SendText) and p.action.to == by.id]
        others = [p for p in proposals if not (isinstance(p.action, SendText) and p.action.to == by.id)]
        if others:
            await self._follow(work, event, others)
        return "\n".join(answers)

    async def _job(self, work: Work, event: JobDue, proposals: list[Proposal]) -> None:
        plugin, handler = self._jobs.get((event.plugin, event.name), (None, None))
        if plugin is not None and handler is not None:
            await self.boundary.call(work, plugin, handler, event, event, event.group, proposals)

    async def _open_cases(self, work: Work, event: Event, proposals: list[Proposal]) -> None:
        """Give each finding a number, unless one of the same plugin is still open against the same member."""
        findings = [p for p in proposals if isinstance(p.action, OpenCase)]
        proposals[:] = [p for p in proposals if not isinstance(p.action, OpenCase)]
        for finding in findings:
            action = cast(OpenCase, finding.action)
            opened = await open_case(self.room, self.boundary.counts, work, event, finding.plugin, action)
            if opened is not None:
                await self.offer(work, opened, proposals)
