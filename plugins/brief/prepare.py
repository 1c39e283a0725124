"""Plugin: asking for weather and news some minutes before a brief is due, so that it waits for nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, time, timedelta

from bot.actions import Action
from bot.context import Context
from bot.events import JobDue
from plugins.brief.blocks.news import ask_feed
from plugins.brief.blocks.weather import ask_weather
from plugins.brief.plugin import Settings, plugin

AHEAD = timedelta(minutes=10)


def ahead_of(at: time | None, blocks: Sequence[str], settings: Settings) -> time | None:
    """When to ask for an edition due at `at`; None when nothing in it comes from outside."""
    wanted = ("weather" in blocks and settings.city) or ("news" in blocks and settings.feeds)
    if at is None or not wanted:
        return None
    # Any day will do: only the time of day is used, and ten minutes before midnight belong to the day before.
    return (datetime(2000, 1, 2, at.hour, at.minute, at.second) - AHEAD).time()  # noqa: DTZ001


@plugin.daily(
    lambda settings: ahead_of(settings.morning, settings.morning_blocks, settings), name="before_morning", late=AHEAD
)
async def before_morning(event: JobDue, ctx: Context[Settings]) -> AsyncIterator[Action]:
    async for action in _ask(ctx, ctx.settings.morning_blocks):
        yield action


@plugin.daily(
    lambda settings: ahead_of(settings.evening, settings.evening_blocks, settings), name="before_evening", late=AHEAD
)
async def before_evening(event: JobDue, ctx: Context[Settings]) -> AsyncIterator[Action]:
    async for action in _ask(ctx, ctx.settings.evening_blocks):
        yield action


async def _ask(ctx: Context[Settings], blocks: Sequence[str]) -> AsyncIterator[Action]:
    if "weather" in blocks and ctx.settings.city and (fetch := await ask_weather(ctx, ctx.settings.city, {})):
        yield fetch
    if "news" in blocks:
        for url in ctx.settings.feeds:
            yield ask_feed(ctx, url)
