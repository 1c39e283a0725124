"""Plugin: the table of tasks."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from bot.storage.tables import UtcDateTime, metadata

tasks = Table(
    "task",
    metadata,
    Column("group", Text, nullable=False),
    Column("no", Integer, nullable=False),
    Column("on_date", Text, nullable=False),
    Column("due_at", UtcDateTime),
    Column("text", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("group", "no"),
    Index(None, "group", "on_date"),
)
"""One thing to do: on a local day, and with `due_at` a notice at that moment. Numbers count within the group."""
