"""Plugin: news and what has been told, in the database."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from bot.context import Database
from bot.storage.tables import upsert as insert
from plugins.brief.feed import Item
from plugins.brief.tables import news, told

NEW_FOR = timedelta(hours=36)
"""Older headlines are no news."""
_KEPT_NEWS, _KEPT_TOLD = timedelta(days=30), timedelta(days=60)
_ALIKE = 0.6
_adding = insert(news)
_ADD = _adding.on_conflict_do_update(
    index_elements=["group", "key"], set_={"seen_at": _adding.excluded.seen_at, "feed": _adding.excluded.feed}
)
_telling = insert(told)
_TELL = _telling.on_conflict_do_update(
    index_elements=["group", "kind", "key"],
    set_={"on_date": _telling.excluded.on_date, "edition": _telling.excluded.edition},
)


@dataclass(frozen=True, slots=True)
class Headline:
    """One piece of news as it is kept."""

    key: str
    feed: str
    title: str
    at: datetime


def short(text: str) -> str:
    """A stable name of an address or a sentence."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fold_title(title: str) -> str:
    """What makes two titles the same: letters and digits alone, no width, no case."""
    folded = unicodedata.normalize("NFKC", title).lower()
    return "".join(char for char in folded if char.isalnum())


async def add_news(db: Database, group: str, feed: str, items: Iterable[Item], now: datetime) -> None:
    """Keep what is new enough; a headline seen before only shows that its feed still has it."""
    rows: dict[str, dict[str, Any]] = {}
    for item in items:
        at = min(item.at or now, now)
        if (folded := fold_title(item.title)) and now - at <= NEW_FOR:
            row = {"group": group, "key": short(folded), "feed": feed, "title": item.title}
            rows.setdefault(row["key"], {**row, "published_at": at, "seen_at": now})
    if rows:
        await db.execute(_ADD, list(rows.values()))
    await db.execute(delete(news).where(news.c.group == group, news.c.seen_at < now - _KEPT_NEWS))


async def pick_news(
    db: Database, group: str, feeds: Collection[str], day: date, edition: str, now: datetime, count: int
) -> list[Headline]:
    """The newest headlines not told yet, from each feed in turn; what this edition has told stays as it was."""
    rows = await db.execute(
        select(news, told.c.on_date, told.c.edition)
        .outerjoin(told, (told.c.group == news.c.group) & (told.c.kind == "news") & (told.c.key == news.c.key))
        .where(news.c.group == group)
        .order_by(news.c.published_at.desc(), news.c.key)
    )
    before: list[str] = []
    mine: list[Headline] = []
    fresh: list[Headline] = []
    for row in rows:
        one = Headline(row.key, row.feed, row.title, row.published_at)
        if row.on_date == day.isoformat() and row.edition == edition:
            mine.append(one)
        elif row.on_date is not None:
            before.append(row.title)
        elif row.feed in feeds and now - row.published_at <= NEW_FOR:
            fresh.append(one)
    if mine:
        return mine[:count]
    return _unlike(_in_turn(fresh), before, count)


def _in_turn(found: Sequence[Headline]) -> list[Headline]:
    """The first of each feed, then the second of each, …: a busy feed does not push the others out."""
    rank: dict[str, int] = {}
    placed = []
    for one in found:
        rank[one.feed] = rank.get(one.feed, 0) + 1
        placed.append((rank[one.feed], one))
    return [one for _, one in sorted(placed, key=lambda pair: pair[0])]


def _unlike(found: Iterable[Headline], before: Sequence[str], count: int) -> list[Headline]:
    chosen: list[Headline] = []
    told_before = [_pairs(title) for title in before]
    for one in found:
        pairs = _pairs(one.title)
        if not any(_is_like(pairs, other) for other in (*told_before, *(_pairs(kept.title) for kept in chosen))):
            chosen.append(one)
        if len(chosen) == count:
            break
    return chosen


def _pairs(title: str) -> frozenset[str]:
    folded = fold_title(title)
    return frozenset(folded[n : n + 2] for n in range(max(1, len(folded) - 1)))


def _is_like(one: frozenset[str], other: frozenset[str]) -> bool:
    """Two agencies' titles of one piece of news share most of their pairs of letters."""
    return len(one & other) >= _ALIKE * max(len(one), len(other))


async def tell(db: Database, group: str, kind: str, keys: Iterable[str], day: date, edition: str) -> None:
    """Note that these went out with an edition."""
    rows = [{"group": group, "kind": kind, "key": key, "on_date": day.isoformat(), "edition": edition} for key in keys]
    if rows:
        await db.execute(_TELL, rows)
        old = (day - _KEPT_TOLD).isoformat()
        await db.execute(delete(told).where(told.c.group == group, told.c.kind == "news", told.c.on_date < old))


async def pick_quote(db: Database, group: str, quotes: Sequence[str], day: date, edition: str) -> str:
    """The one told by this edition already; else one never told, else the one told longest ago."""
    rows = await db.execute(select(told).where(told.c.group == group, told.c.kind == "quote"))
    last = {row.key: (row.on_date, row.edition) for row in rows}
    keys = {quote_key(group, quote): quote for quote in quotes}
    this = (day.isoformat(), edition)
    if mine := [quote for key, quote in keys.items() if last.get(key) == this]:
        return mine[0]
    # "morning" comes before "evening", though not in the alphabet.
    when = {key: (on, edition != "morning") for key, (on, edition) in last.items()}
    return keys[min(keys, key=lambda key: (when.get(key, ("", False)), key))] if keys else ""


def quote_key(group: str, quote: str) -> str:
    return short(f"{group}\n{quote}")
