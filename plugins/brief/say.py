"""Plugin: sentences that more than one part of the brief says: answers that come later, ages, questions by a word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.actions import Purpose, SendText
from bot.commands import Call
from bot.context import Context
from bot.model import Capability
from plugins.brief.plugin import Settings

STALE = timedelta(hours=1)
"""What was fetched longer ago is marked with its age."""


def how_old(ctx: Context[Settings], age: timedelta) -> str:
    """`（3 小时前）` behind what is not fresh, else nothing."""
    if age < STALE:
        return ""
    return ctx.text("age", 小时=round(age / timedelta(hours=1)))


def asked_by(call: Call) -> dict[str, str]:
    """For an errand's payload: who waits for the outcome, and where they asked."""
    return {"who": call.asker.id, "private": "" if call.event.group else "1"}


async def later(ctx: Context[Settings], payload: Mapping[str, str], text: str) -> SendText | None:
    """The answer to whoever asked for an errand; None when nobody waits for it."""
    if "who" not in payload:
        return None
    profile = await ctx.members.get(payload["who"])
    if payload["private"] or profile is None:
        return SendText(group=ctx.group.id, to=payload["who"], text=text, purpose=Purpose.REPLY)
    return SendText(
        group=ctx.group.id, text=f"@{profile.name} {text}", mentions=(profile.member,), purpose=Purpose.REPLY
    )


def to_asker(call: Call, ctx: Context[Settings], text: str) -> SendText:
    """To the asker alone where the transport can, so that a preview never reaches the group."""
    if call.event.group and Capability.PRIVATE not in ctx.capabilities:
        return ctx.reply(call.event, text, mention=False)
    return SendText(group=ctx.group.id, to=call.asker.id, text=text, purpose=Purpose.REPLY)
