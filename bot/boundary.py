"""Engine room: the one boundary around every handler: what it raises stays with it, and who fails too often rests."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.actions import Action
from bot.context import Context
from bot.errors import CommandError
from bot.events import Event, MessageReceived
from bot.plugin import Plugin
from bot.policy import Proposal
from bot.proposal import fit
from bot.scope import Room, WorkScope
from bot.storage.tables import audit
from bot.storage.trouble import may_pass
from bot.storage.work import Broken, Part, Work
from bot.tally import Histogram

log = logging.getLogger(__name__)

TOO_OFTEN, WITHIN, REST = 10, timedelta(minutes=10), timedelta(minutes=10)
"""A handler that fails so often, at least at every second event since its first failure, rests for so long."""
TOO_SLOW = 3
"""A plugin that holds up so many events within `WITHIN` rests as a whole, guard or not."""
Handler = Callable[..., AsyncIterator[Action]]


@dataclass(slots=True)
class Counts:
    """What has gone through, since the start; for the metrics page."""

    events: int = 0
    repeated: int = 0
    handlers_failed: int = 0
    failed_by_plugin: dict[str, int] = field(default_factory=dict)
    cases_by_plugin: dict[tuple[str, str], int] = field(default_factory=dict)
    """By plugin and verdict."""
    taken: Histogram = field(default_factory=Histogram)
    """From an event's arrival here until what follows from it is on disk."""


@dataclass(slots=True, repr=False)
class Boundary:
    """Calls handlers. A guard never rests because it raises: else a crafted message would switch it off."""

    room: Room
    counts: Counts = field(default_factory=Counts)
    busy: str = ""
    """The plugin called last: the one to name when an event takes too long."""
    on_rest: list[Callable[[str, datetime], None]] = field(default_factory=list)
    """Told which plugin or handler rests and until when."""
    _failures: dict[str, deque[tuple[datetime, int]]] = field(default_factory=dict)
    _resting: dict[str, datetime] = field(default_factory=dict)

    async def call(
        self,
        work: Work,
        plugin: Plugin[Any],
        handler: Handler,
        argument: object,
        event: Event,
        group: str,
        proposals: list[Proposal],
        *,
        guard: bool = False,
    ) -> bool:
        """Run one handler and add what it yields; whether it stopped the event."""
        if self._resting and self._rests(plugin, handler, event.at):
            return False
        self.busy = plugin.name
        book = self.room.book
        part = work.nested()
        scope = WorkScope(self.room, part, plugin.name, event.id, event.at)
        context: Context[Any] = Context(scope, plugin.name, book.sections(group)[plugin.name], book.info(group), event)
        try:
            actions = await _collect(part, handler, argument, context)
        except Exception as error:
            # The boundary of design.md §6.
            if isinstance(error, Broken) or may_pass(error):
                raise
            if isinstance(error, CommandError) and isinstance(event, MessageReceived):
                proposals.append(Proposal(plugin.name, context.reply(event, str(error))))
                return True
            self.failed(work, plugin, handler, event, error, guard=guard)
            if isinstance(event, MessageReceived) and argument is not event:
                sentence = self.room.texts[book.info(group).language]["command.failed"]
                proposals.append(Proposal(plugin.name, context.reply(event, sentence)))
            return False
        proposals += [Proposal(plugin.name, action) for action in actions]
        return scope.stopped

    def failed(
        self, work: Work, plugin: Plugin[Any], handler: Handler, event: Event, error: Exception, *, guard: bool = False
    ) -> None:
        """Write down that a handler raised, and let it rest when it does so all the time."""
        self.counts.handlers_failed += 1
        self.counts.failed_by_plugin[plugin.name] = self.counts.failed_by_plugin.get(plugin.name, 0) + 1
        log.error("plugin %s failed on event %s", plugin.name, event.id, exc_info=error)
        detail = {"plugin": plugin.name, "handler": handler.__name__, "error": f"{type(error).__name__}: {error}"[:300]}
        record(work, event, "plugin.failed", detail)
        name = _name(plugin, handler)
        if not guard and self._too_often(name, event.at, TOO_OFTEN, half=True):
            self._let_rest(name, event.at)

    def too_slow(self, plugin: str, at: datetime) -> None:
        """An event was given up because this plugin held it."""
        self.counts.handlers_failed += 1
        if self._too_often(plugin, at, TOO_SLOW, half=False):
            self._let_rest(plugin, at)

    def _too_often(self, name: str, at: datetime, limit: int, *, half: bool) -> bool:
        seen = self._failures.setdefault(name, deque(maxlen=limit))
        seen.append((at, self.counts.events))
        first, events = seen[0]
        if len(seen) < limit or at - first > WITHIN:
            return False
        return not half or self.counts.events - events <= 2 * limit

    def _let_rest(self, name: str, at: datetime) -> None:
        self._failures.pop(name, None)
        self._resting[name] = at + REST
        log.error("%s fails all the time and rests until %s; everything else goes on", name, at + REST)
        for tell in self.on_rest:
            tell(name, at + REST)

    def _rests(self, plugin: Plugin[Any], handler: Handler, now: datetime) -> bool:
        for name in (plugin.name, _name(plugin, handler)):
            until = self._resting.get(name)
            if until is not None and now < until:
                return True
            if until is not None:
                del self._resting[name]
        return False


async def _collect(part: Part, handler: Handler, argument: object, context: Context[Any]) -> list[Action]:
    """What a handler yields; what it wrote is kept only when it came to its end."""
    try:
        actions = [fit(action) async for action in handler(argument, context)]
    except BaseException as error:
        await part.undo(error)
        raise
    await part.keep()
    return actions


def record(work: Work, event: Event, what: str, detail: dict[str, Any]) -> None:
    """A line of the audit about something that befell an event."""
    row = {"at": event.at, "group": event.group, "actor": "", "what": what, "detail": detail}
    work.add(audit, {**row, "case": None, "event_id": event.id})


def _name(plugin: Plugin[Any], handler: Handler) -> str:
    return f"{plugin.name}.{handler.__name__}"
