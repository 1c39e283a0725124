"""Plugin: the table of schedules."""

from __future__ import annotations

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text

from bot.storage.tables import UtcDateTime, metadata

entries = Table(
    "schedule_entry",
    metadata,
    Column("group", Text, nullable=False),
    Column("no", Integer, nullable=False),
    Column("rule", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("next_at", UtcDateTime),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_count", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("group", "no"),
)
"""One text to say by a rule (bot.recurrence). `next_at` is None while it is paused. Numbers count within the group."""
