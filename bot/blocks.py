"""Engine room: the parts of a brief that plugins offer, each asked alone so that one that fails spoils no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.book import Book
from bot.context import Context, GroupInfo
from bot.errors import BlockFailed
from bot.events import Event
from bot.plugin import Block
from bot.ports import Scope
from bot.storage.trouble import may_pass
from bot.storage.work import Broken, Work

PATIENCE = 2.0
"""Seconds that a block may take; a brief is due on time, with or without it."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Implements bot.context.Blocks for one group within one unit of work."""

    offered: Mapping[str, Block]
    book: Book
    work: Work
    group: GroupInfo
    event: Event
    scope_of: Callable[[str, Work], Scope]

    def labels(self) -> Mapping[str, str]:
        return {name: block.label for name, block in self.offered.items()}

    async def say(self, name: str, day: date, edition: str) -> str:
        block = self.offered.get(name)
        if block is None:
            raise BlockFailed("no plugin offers it")
        settings = self.book.sections(self.group.id)[block.plugin]
        try:
            async with asyncio.timeout(PATIENCE), self.work.nested() as part:
                context: Context[Any] = Context(
                    self.scope_of(block.plugin, part), block.plugin, settings, self.group, self.event
                )
                return await block.handler(context, day, edition)
        except Exception as error:
            # A block is a part of its plugin like any handler.
            if isinstance(error, Broken) or may_pass(error):
                raise
            slow = isinstance(error, TimeoutError)
            failed = BlockFailed("took too long" if slow else f"{type(error).__name__}: {error}"[:300])
            failed.slow = slow
            raise failed from error
