"""Engine room: proposals become outbox rows, after policy, in the transaction that caused them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from bot.actions import Action, Errand, NotifyAdmins, Purpose, RemoveMember, Withdraw
from bot.book import Book
from bot.events import Event
from bot.model import Mode, Role
from bot.outcome import refused_facts
from bot.policy import VERSION, Facts, Proposal, Verdict, review
from bot.scope import Room
from bot.settings import BotSection, PolicySection
from bot.storage import outbox as store
from bot.storage.cases import modes_of
from bot.storage.outbox import Row, State
from bot.storage.tables import audit
from bot.storage.work import Work
from bot.text import fill

ADMINS = ("admins",)
"""Stands in `control` for the group's own owner and administrators."""
Refused = Callable[[datetime, Action, str], None]


@dataclass(slots=True, repr=False)
class Outbox:
    """Writes rows and, once they are on disk, hands them to the courier."""

    room: Room
    hand_over: Callable[[Sequence[Row]], None]
    now: Callable[[], datetime]
    send_errands: Callable[[str, Sequence[tuple[str, Errand]]], None]
    withdraw: Callable[[Work, str, str], None]
    """Stops the waiting rows of a plugin that carry a tag."""
    on_refused: list[Refused] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def load(self, work: Work) -> list[Row]:
        """Go on numbering where the file ends; returns the rows that are not settled."""
        self._ids = itertools.count(await store.last_id(work) + 1)
        return await store.live(work)

    async def settle(self, work: Work, event: Event, proposals: Sequence[Proposal]) -> list[Event]:
        """Review an event's proposals and write them down; returns facts that follow at once."""
        errands = [(p.plugin, p.action) for p in proposals if isinstance(p.action, Errand)]
        if errands:
            work.after_commit.append(lambda: self.send_errands(event.id, errands))
            proposals = [p for p in proposals if not isinstance(p.action, Errand)]
        for proposal in proposals:
            if isinstance(proposal.action, Withdraw):
                self.withdraw(work, proposal.plugin, proposal.action.tag)
        proposals = [p for p in proposals if not isinstance(p.action, Withdraw)]
        modes = await self._modes(event, proposals)
        facts = {group: await self._facts(work, group, mode, proposals) for group, mode in modes.items()}
        about = {p.action.case for p in proposals if p.action.case is not None}
        verdicts = review(proposals, lambda group: facts[group], self._say(event.group), await modes_of(work, about))
        rows = [self._row(event, verdict) for verdict in verdicts]
        for row, verdict in zip(rows, verdicts, strict=True):
            store.add(work, row)
            if verdict.refused or isinstance(verdict.action, RemoveMember):
                self._record(work, event, verdict)
        waiting = [row for row in rows if row.state is State.WAITING]
        refused = [row for row in rows if row.state is State.REFUSED]
        work.after_commit.append(lambda: self._committed(waiting, refused))
        return refused_facts(event, verdicts)

    async def notice(self, work: Work, event_id: str, at: datetime, action: NotifyAdmins) -> None:
        """The engine's own word to the admins, by whatever way reaches them."""
        event = Event(id=event_id, at=at, group=action.group)
        await self.settle(work, event, [Proposal(store.ENGINE, action)])

    def _committed(self, waiting: Sequence[Row], refused: Sequence[Row]) -> None:
        for row in refused:
            for tell in self.on_refused:
                tell(row.created_at, row.action, row.error)
        if waiting:
            self.hand_over(waiting)

    def _row(self, event: Event, verdict: Verdict) -> Row:
        state = State.REFUSED if verdict.refused else State.WAITING
        now = self.now()
        return Row(
            id=next(self._ids),
            event_id=event.id,
            plugin=verdict.plugin,
            action=verdict.action,
            priority=store.priority_of(verdict.action),
            state=state,
            created_at=verdict.not_before or now,
            not_before=verdict.not_before or now,
            error=verdict.refused,
        )

    # ---- facts

    @property
    def _book(self) -> Book:
        return self.room.book

    async def _modes(self, event: Event, proposals: Sequence[Proposal]) -> dict[str, Mode]:
        groups = dict.fromkeys([p.action.group for p in proposals] + [event.group])
        return {group: Mode(self._book.info(group).mode) for group in groups}

    async def _facts(self, work: Work, group: str, mode: Mode, proposals: Sequence[Proposal]) -> Facts:
        sections: Mapping[str, Any] = self._book.sections(group)
        rules: PolicySection = sections["policy"]
        now = self.now()
        targets = {
            p.action.member.id for p in proposals if isinstance(p.action, RemoveMember) and p.action.group == group
        }
        exempt: frozenset[str] = frozenset()
        removals = 0
        if targets:
            roster = await self.room.cache.group(work, group)
            exempt = frozenset(
                t for t in targets if t in self.room.cache.keepers or (t in roster and roster[t].exempt_at(now))
            )
            removals = await store.removals_since(work, group, now - timedelta(hours=1))
        info = self._book.info(group)
        # Whoever is told is looked for in the whole roster, so only where somebody may be.
        tell, tell_group = await self._control(work, group) if any(map(_may_tell, proposals)) else ((), "")
        local = now.astimezone(info.zone)
        quiet = rules.quiet.ends_after(local) if rules.quiet is not None else local
        return Facts(
            mode=mode,
            capabilities=self.room.transport.capabilities(group),
            exempt=exempt,
            removals=removals,
            removals_limit=rules.removals_per_hour,
            now=now,
            self_id=self.room.transport.account.id,
            topic=info.topic,
            tell=tell,
            tell_group=tell_group,
            quiet_until=quiet if quiet > local else None,
        )

    async def _control(self, work: Work, group: str) -> tuple[tuple[str, ...], str]:
        """Whom to tell: the control room or people of the configuration, else the owners, else the group's admins."""
        bot = cast(BotSection, self._book.sections(group)["bot"])
        rooms = [target for target in bot.control if target in self._book.pages]
        if rooms:
            return (), rooms[0]
        people = bot.control or bot.owners
        if (people and people != ADMINS) or not group:
            return tuple(people), ""
        roster = await self.room.cache.group(work, group)
        admins = [m for m, known in roster.items() if known.present and known.role >= Role.ADMIN]
        return tuple(m for m in admins if m != self.room.transport.account.id)[:5], ""

    def _say(self, group: str) -> Callable[[str, Mapping[str, object]], str]:
        texts = self.room.texts[self._book.info(group).language]
        return lambda key, values: fill(texts[f"policy.{key}"], values)

    def _record(self, work: Work, event: Event, verdict: Verdict) -> None:
        action = verdict.action
        detail: dict[str, Any] = {
            "plugin": verdict.plugin,
            "action": type(action).__name__,
            "refused": verdict.refused,
            "policy": VERSION,
        }
        if isinstance(action, RemoveMember):
            detail |= {"member": action.member.id, "reason": action.reason, "by": action.by}
        row = {"at": event.at, "group": action.group, "actor": getattr(action, "by", ""), "what": "policy.review"}
        work.add(audit, {**row, "detail": detail, "case": action.case, "event_id": event.id})


def _may_tell(proposal: Proposal) -> bool:
    """Whether the admins may hear of it: a notice, and what policy may hold back with one."""
    action = proposal.action
    return isinstance(action, NotifyAdmins | RemoveMember) or getattr(action, "purpose", None) is Purpose.ENFORCEMENT
