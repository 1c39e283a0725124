"""Plugin: the quote block: one sentence a day, none again before all have been said."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files

from bot.context import Context
from plugins.brief import told
from plugins.brief.plugin import Settings, plugin


@cache
def shipped() -> tuple[str, ...]:
    """The list beside this folder: one sentence a line."""
    lines = files("plugins.brief").joinpath("quotes.txt").read_text("utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


async def pick(ctx: Context[Settings], day: date, edition: str) -> str:
    return await told.pick_quote(ctx.db, ctx.group.id, ctx.settings.quotes or shipped(), day, edition)


@plugin.block("quote", "每日一句")
async def quote_block(ctx: Context[Settings], day: date, edition: str) -> str:
    quote = await pick(ctx, day, edition)
    return ctx.text("quote", 句子=quote) if quote else ""
