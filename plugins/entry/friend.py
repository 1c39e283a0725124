"""Plugin: entry: friend requests: accepted by rule, few a day, never from the blacklist."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import AcceptFriend, Action
from bot.events import FriendRequested
from plugins.entry.admit import is_barred, tell
from plugins.entry.door import begin, open_gates
from plugins.entry.plugin import Ctx, plugin
from plugins.entry.word import says

_DAY = timedelta(days=2)


@plugin.on(FriendRequested)
async def welcome(event: FriendRequested, ctx: Ctx) -> AsyncIterator[Action]:
    """The first group whose rule says yes takes them; a password in the request opens its door at once."""
    for gate in await open_gates(ctx):
        settings = gate.settings
        words = (*settings.passwords, settings.keyword) if settings.gate == "password" else (settings.keyword,)
        meant = says(event.hello, words)
        if settings.friends == "off" or (settings.friends == "word" and not meant):
            continue
        if await is_barred(event.contact, gate) or not await _has_room(ctx, settings.friends_per_day):
            return
        yield AcceptFriend(member=event.contact, request=event.request)
        if meant:
            async for action in begin(event.contact, event.hello, gate):
                yield action
            return
        hello = gate.render(settings.hello, event.contact, 关键词=settings.keyword)
        yield tell(gate, event.contact, hello)
        return


async def _has_room(ctx: Ctx, limit: int) -> bool:
    """Whether the account may make another friend today; if so, one more is counted."""
    key = f"friends:{ctx.today}"
    made = int(await ctx.notes.get(key) or 0)
    if made < limit:
        await ctx.notes.set(key, str(made + 1), lasts=_DAY)
    return made < limit
