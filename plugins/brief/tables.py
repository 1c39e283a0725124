"""Plugin: tables of brief: the news that feeds brought, and what has been told already."""

from __future__ import annotations

from sqlalchemy import Column, PrimaryKeyConstraint, Table, Text

from bot.storage.tables import UtcDateTime, metadata

news = Table(
    "brief_news",
    metadata,
    Column("group", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("feed", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("group", "key"),
    sqlite_with_rowid=False,
)
"""One headline: `key` is its folded title. published_at: when its feed first had it, where the feed does not say."""

told = Table(
    "brief_told",
    metadata,
    Column("group", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("on_date", Text, nullable=False),
    Column("edition", Text, nullable=False),
    PrimaryKeyConstraint("group", "kind", "key"),
    sqlite_with_rowid=False,
)
"""What a brief has said last on which local day: `kind` is the block (news, quote), `key` its item."""
