"""Plugin: the table of questions and their answers."""

from __future__ import annotations

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text

from bot.storage.tables import Json, UtcDateTime, metadata

entries = Table(
    "faq_entry",
    metadata,
    Column("group", Text, nullable=False),
    Column("no", Integer, nullable=False),
    Column("questions", Json, nullable=False),
    Column("answer", Text, nullable=False),
    Column("said_by", Text, nullable=False),
    Column("said_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("used", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("group", "no"),
)
"""An answer with the wordings of its question; `said_by` (a name) and `said_at`: whose answer it is, and from when."""
