"""Engine room: the tables that plugins show in the console, each asked alone so that one that fails spoils no other."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.context import Context
from bot.events import Event
from bot.plugin import PanelOffer, Plugin
from bot.records import Panel
from bot.scope import Room, WorkScope
from bot.storage.trouble import may_pass
from bot.storage.work import Work

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Panels:
    """Asks the plugins."""

    room: Room
    plugins: Sequence[Plugin[Any]]

    async def of(self, work: Work, place: str, group: str, member: str, now: datetime) -> list[Panel]:
        """What the plugins show at this place, in their own order; empty tables with nothing to say are left out."""
        found = []
        for plugin in self.plugins:
            for offer in plugin.panels:
                if offer.place == place and (panel := await self._ask(work, offer, group, member, now)) is not None:
                    found.append(panel)
        return found

    async def _ask(self, work: Work, offer: PanelOffer, group: str, member: str, now: datetime) -> Panel | None:
        event = Event(id=f"panel:{offer.plugin}", at=now, group=group)
        scope = WorkScope(self.room, work, offer.plugin, event.id, now)
        book = self.room.book
        context: Context[Any] = Context(
            scope, offer.plugin, book.sections(group)[offer.plugin], book.info(group), event
        )
        try:
            panel = await offer.handler(context, member)
        except Exception as error:
            # A panel is a part of its plugin like any handler.
            if may_pass(error):
                raise
            log.error("panel of plugin %s failed", offer.plugin, exc_info=error)
            return Panel(offer.plugin, (), (), "这一块出错了，详情在日志里 (this part failed, see the log)")
        return panel if panel.rows or panel.hint or panel.blank else None
