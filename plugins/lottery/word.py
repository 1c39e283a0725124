"""Plugin: words that stand for 参与 in some lottery, known without a look into the database."""

from __future__ import annotations

from bot.context import Context
from bot.events import MessageReceived
from bot.fold import fold
from plugins.lottery import store
from plugins.lottery.model import Lottery
from plugins.lottery.settings import Settings

Ctx = Context[Settings]
_heard: set[str] = set()
"""Every word of this process, in whichever group: a sieve that ordinary talk falls through, never the truth."""
_known_groups: set[str] = set()
"""Groups whose words have been read since the process began."""


_ROOM = 4
"""Characters that folding may take away: spaces, marks."""


def may_be_word(event: MessageReceived) -> bool:
    """Cheap: whether the message can be such a word, or nobody knows yet."""
    text = event.text
    if not text or len(text) > 40 or not event.group:
        return False
    if event.group not in _known_groups:
        return True
    # Folding costs more than the rest; most talk is longer than any word that was ever agreed on.
    return bool(_heard) and len(text) <= max(map(len, _heard)) + _ROOM and _plain(text) in _heard


def _plain(text: str) -> str:
    return fold(text).strip()


def remember(lottery: Lottery) -> None:
    if lottery.rules.word:
        _heard.add(_plain(lottery.rules.word))


async def said(ctx: Ctx, text: str) -> Lottery | None:
    """The open lottery of this group that has this word."""
    running = await store.open_in(ctx.db, ctx.group.id)
    for lottery in running:
        remember(lottery)
    _known_groups.add(ctx.group.id)
    return next((one for one in running if one.rules.word and _plain(one.rules.word) == _plain(text)), None)
