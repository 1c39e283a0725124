"""Plugin: entry: who asked to come into which group, and how far they have got."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from bot.storage.tables import UtcDateTime, metadata, personal

application = Table(
    "entry_application",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("group", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("gate", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Index("ix_entry_application_person_group", "person", "group"),
    sqlite_autoincrement=True,
    info=personal("person", then="delete"),
)
