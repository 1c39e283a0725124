"""Plugin: stats: what admins noted about members in one word each."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from bot.storage.tables import UtcDateTime, metadata, personal

tags = Table(
    "stats_tag",
    metadata,
    Column("group", Text, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("tag", Text, primary_key=True),
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
    info=personal("member", then="delete"),
)
