"""Plugin: ad_guard: its tables: what admins taught, copies seen lately, and how its cases ended."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from bot.storage.tables import Json, UtcDateTime, metadata, personal

lessons = Table(
    "ad_guard_lessons",
    metadata,
    Column("no", Integer, primary_key=True),
    # Empty: of all groups.
    Column("group", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sketch", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("sample", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
    Column("undone_by", Text, nullable=False, server_default=""),
    Index("ix_ad_guard_lessons_group", "group"),
    sqlite_autoincrement=True,
)

seen = Table(
    "ad_guard_seen",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("group", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("sketch", Text, nullable=False),
    info=personal("sender", then="delete"),
)

outcomes = Table(
    "ad_guard_outcomes",
    metadata,
    Column("case", Integer, primary_key=True),
    Column("group", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("families", Json, nullable=False),
    Column("reversed", Integer, nullable=False, server_default="0"),
    Index("ix_ad_guard_outcomes_group_at", "group", "at"),
)

TABLES = (lessons, seen, outcomes)
