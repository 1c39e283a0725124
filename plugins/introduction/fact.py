"""Plugin: that somebody has introduced themselves is made known to the other plugins, once per group."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action, Declare
from bot.context import Context
from bot.events import MemberIntroduced
from bot.model import Member
from plugins.introduction.plugin import Settings


async def first_time(member: Member, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """The fact, the first time it is true; who deletes their introduction and writes another is not new again."""
    if await ctx.once(f"introduced:{member.id}"):
        fact = f"introduced:{ctx.group.id}:{member.id}"
        yield Declare(fact=MemberIntroduced(id=fact, at=ctx.now, group=ctx.group.id, member=member))
