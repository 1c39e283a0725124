"""Plugin: appeal: its table: one appeal for each case."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from bot.storage.tables import UtcDateTime, metadata, personal

entries = Table(
    "appeal_entry",
    metadata,
    Column("case", Integer, primary_key=True),
    Column("group", Text, nullable=False),
    Column("member", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text, nullable=False, server_default=""),
    Column("decided_at", UtcDateTime),
    Index("ix_appeal_entry_member", "member"),
    info=personal("member", then="delete"),
)

TABLES = (entries,)
