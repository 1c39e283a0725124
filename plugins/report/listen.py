"""Plugin: report: who asks to be forgotten takes their words with them."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action
from bot.events import MemberForgotten
from plugins.report import store
from plugins.report.plugin import Ctx, plugin


@plugin.on(MemberForgotten)
async def forget(event: MemberForgotten, ctx: Ctx) -> AsyncIterator[Action]:
    """What is a case already stays with the case."""
    await store.forget(ctx.db, event.group, event.member.id)
    return
    yield
