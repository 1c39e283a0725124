"""Plugin: setup: settings of one group kept under a name, to be used in others."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from bot.storage.tables import Json, UtcDateTime, metadata

templates = Table(
    "setup_template",
    metadata,
    Column("name", Text, primary_key=True),
    Column("values", Json, nullable=False),
    Column("by", Text, nullable=False),
    Column("from_group", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)
