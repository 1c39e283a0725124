"""Plugin: the news block, and how headlines come: from several feeds, each told once."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

from bot.actions import Action, Fetch
from bot.context import Context
from bot.events import ErrandDone
from bot.text import clip
from plugins.brief import told
from plugins.brief.feed import Feed, read_feed
from plugins.brief.plugin import Settings, plugin
from plugins.brief.say import how_old, later
from plugins.brief.why import NotRead, what_helps, why

log = logging.getLogger(__name__)

MOST_FEEDS = 10
_FRESH = timedelta(minutes=10).total_seconds()


@plugin.block("news", "新闻")
async def news_block(ctx: Context[Settings], day: date, edition: str) -> str:
    chosen = await pick(ctx, day, edition)
    if not chosen:
        return ""
    ages = [ctx.now - datetime.fromisoformat(at) for at in (await ctx.notes.all("feed:")).values()]
    lines = [ctx.text("news_title") + (how_old(ctx, min(ages)) if ages else "")]
    return "\n".join([*lines, *(f"{number}. {clip(one.title, 60)}" for number, one in enumerate(chosen, 1))])


async def pick(ctx: Context[Settings], day: date, edition: str) -> list[told.Headline]:
    """The headlines of this edition; the same however often it is asked."""
    feeds = {told.short(url) for url in ctx.settings.feeds}
    if not feeds:
        return []
    return await told.pick_news(ctx.db, ctx.group.id, feeds, day, edition, ctx.now, ctx.settings.news_count)


def ask_feed(ctx: Context[Settings], url: str, payload: dict[str, str] | None = None) -> Fetch:
    known = {**(payload or {}), "url": url}
    return Fetch(group=ctx.group.id, name="feed", url=url, fresh=_FRESH, payload=tuple(sorted(known.items())))


@plugin.on(ErrandDone, when=lambda event: event.name == "feed")
async def got_feed(event: ErrandDone, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """A feed came, or it did not; whoever adds it hears of it, and only one that can be read is added."""
    payload, reason = dict(event.payload), None
    feed: Feed | None = None
    if not event.error:
        try:
            feed = read_feed(event.text)
        except NotRead as error:
            reason = error
            log.warning("brief: feed %s could not be read: %s", clip(payload["url"].partition("?")[0], 80), reason)
    if feed is None:
        hindered = reason or event.obstacle
        key = "feed_unread" if reason else "feed_failed"
        said = ctx.text(key, 原因=why(ctx, hindered), 怎么办=what_helps(ctx, hindered))
        if answer := await later(ctx, payload, said):
            yield answer
        return
    name = told.short(payload["url"])
    await told.add_news(ctx.db, ctx.group.id, name, feed.items, ctx.now)
    await ctx.notes.set(f"feed:{name}", (ctx.now - event.age).isoformat(), lasts=timedelta(days=3))
    feeds = ctx.settings.feeds
    if "who" in payload and payload["url"] not in feeds and len(feeds) < MOST_FEEDS:
        await ctx.group_settings.set("brief.feeds", [*feeds, payload["url"]], by=payload["who"])
    title = feed.title or payload["url"]
    said = ctx.text("feed_added", 名字=clip(title, 30), 条数=len(feed.items), 一条=clip(feed.items[0].title, 40))
    if answer := await later(ctx, payload, said):
        yield answer
