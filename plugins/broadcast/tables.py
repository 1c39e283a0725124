"""Plugin: broadcast: groups by their tags, what was sent to many at once, and what became of it in each."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from bot.storage.tables import UtcDateTime, metadata

tags = Table(
    "broadcast_tag",
    metadata,
    Column("tag", Text, primary_key=True),
    Column("group", Text, primary_key=True),
    sqlite_with_rowid=False,
)

rounds = Table(
    "broadcast_round",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("stopped_by", Text, nullable=False, server_default=""),
    Column("told", Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)
"""place: the group where it was ordered, empty for a private chat. told: whether its end was reported."""

sends = Table(
    "broadcast_send",
    metadata,
    Column("round", Integer, primary_key=True),
    Column("group", Text, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("error", Text, nullable=False, server_default=""),
    Column("began_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    sqlite_with_rowid=False,
)
