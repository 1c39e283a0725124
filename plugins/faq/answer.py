"""Plugin: faq: a question that was answered before is answered again, with whose answer it is."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from bot.actions import Action
from bot.events import MemberForgotten, MessageReceived
from bot.model import Kind
from bot.question import is_question
from bot.text import clean_name
from plugins.faq import store
from plugins.faq.command import answer_text
from plugins.faq.match import Question, best
from plugins.faq.plugin import Ctx, plugin

_LONGEST = 80
_ASKING = re.compile(r"[?？吗]|怎么|几点|在哪|哪里|多少|什么时候|如何|能不能")


def _may_ask(event: MessageReceived) -> bool:
    text = event.text
    if not event.group or event.kind is not Kind.TEXT or len(text) > _LONGEST:
        return False
    return _ASKING.search(text) is not None


@plugin.on(MessageReceived, when=_may_ask)
async def hear(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    known = await _known(ctx)
    if not known or not ctx.settings.enabled or not is_question(event.text):
        return
    no = best(Question(event.text), known)
    if no is None or not await ctx.once(f"answered:{no}", lasts=ctx.settings.again):
        return
    entry = await store.get(ctx.db, ctx.group.id, no)
    if entry is not None:
        await store.count_use(ctx.db, ctx.group.id, no)
        yield ctx.reply(event, answer_text(ctx, entry))


async def _known(ctx: Ctx) -> list[tuple[int, Question]]:
    """Every wording of this group, read once a process and after each change."""
    if ctx.group.id not in ctx.memory:
        found = await store.all_of(ctx.db, ctx.group.id)
        ctx.memory[ctx.group.id] = [(entry.no, Question(text)) for entry in found for text in entry.questions]
    known: list[tuple[int, Question]] = ctx.memory[ctx.group.id]
    return known


@plugin.on(MemberForgotten)
async def forget_member(event: MemberForgotten, ctx: Ctx) -> AsyncIterator[Action]:
    """What they answered helps on, without their name."""
    await store.forget(ctx.db, ctx.group.id, clean_name(event.member.name, 12), ctx.text("somebody"))
    return
    yield
