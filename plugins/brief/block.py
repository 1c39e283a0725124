"""Plugin: putting a brief together from the blocks that this and other plugins offer."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.context import Context
from bot.errors import BlockFailed
from plugins.brief.plugin import Settings

log = logging.getLogger(__name__)

MOST_LINES = 40
"""Of a whole brief; what comes after is left out, so that one chatty block does not bury the group."""


@dataclass(slots=True)
class Brief:
    """One edition, put together: its blocks with their names, and which could not be made and why, for people."""

    title: str
    ending: str
    parts: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(line for line in (self.title, *(text for _, text in self.parts), self.ending) if line)

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.parts}


async def assemble(ctx: Context[Settings], day: date, edition: str, names: Sequence[str], brief: Brief) -> None:
    """Ask each block in its order; one that fails is left out with its reason in the log."""
    offered = ctx.blocks.labels()
    lines = 2
    for name in dict.fromkeys(names):
        if name not in offered:
            log.debug("nobody offers the brief block %s", name)
            continue
        try:
            text = (await ctx.blocks.say(name, day, edition)).strip()
        except BlockFailed as reason:
            brief.left_out.append((offered[name], ctx.text("left_slow" if reason.slow else "left_wrong")))
            log.warning("brief block left out: %s in %s on %s: %s", name, ctx.group.id, day, reason)
            continue
        more = text.count("\n") + 1
        if text and lines + more <= MOST_LINES:
            lines += more
            brief.parts.append((name, text))
        elif text:
            brief.left_out.append((offered[name], ctx.text("left_full")))
            log.warning("brief block left out: %s in %s on %s: the brief is full", name, ctx.group.id, day)
