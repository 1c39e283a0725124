"""Plugin: report: its table: who reported or voted against whom."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from bot.storage.tables import UtcDateTime, metadata, personal

entries = Table(
    "report_entry",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("group", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reporter", Text, nullable=False),
    Column("reporter_name", Text, nullable=False),
    Column("accused", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("reason", Text, nullable=False),
    # Hundredths: 100 is one whole voice, 0 of somebody too new to count.
    Column("weight", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    # The case it led to.
    Column("case", Integer),
    Index("ix_report_entry_group_accused_at", "group", "accused", "at"),
    Index("ix_report_entry_group_reporter_at", "group", "reporter", "at"),
    sqlite_autoincrement=True,
    info=personal("reporter", then="delete"),
)

TABLES = (entries,)
