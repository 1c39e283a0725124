"""Plugin: words that stand for 参与 in some lottery, known without a look into the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.context import Context
from bot.events import MessageReceived
from bot.fold import fold
from plugins.lottery import store
from plugins.lottery.model import Lottery
from plugins.lottery.settings import Settings

Ctx = Context[Settings]

_LONGEST = 40
_ROOM = 4
"""Characters that folding may take away: spaces, marks."""


def may_be_word(event: MessageReceived) -> bool:
    return 0 < len(event.text) <= _LONGEST and bool(event.group)


def is_known(event: MessageReceived, memory: Mapping[Any, Any]) -> bool:
    """Whether it is a word of its group, or the group's words have not been read yet.

    What is remembered is a sieve that ordinary talk falls through, never the truth.
    """
    words: frozenset[str] | None = memory.get(event.group)
    if not words:
        return words is None
    # Folding costs more than the rest; most talk is longer than any word that was ever agreed on.
    return len(event.text) <= max(map(len, words)) + _ROOM and _plain(event.text) in words


def _plain(text: str) -> str:
    return fold(text).strip()


def look_again(ctx: Ctx, lottery: Lottery) -> None:
    """The words of its groups are read anew."""
    for group in lottery.groups:
        ctx.memory.pop(group, None)


async def said(ctx: Ctx, text: str) -> Lottery | None:
    """The open lottery of this group that has this word."""
    running = [one for one in await store.open_in(ctx.db, ctx.group.id) if one.rules.word]
    ctx.memory[ctx.group.id] = frozenset(_plain(one.rules.word) for one in running)
    return next((one for one in running if _plain(one.rules.word) == _plain(text)), None)
