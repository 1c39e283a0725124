"""Plugin: tables of leaderboard: what each member said on each closed day."""

from __future__ import annotations

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text

from bot.storage.tables import metadata, personal

days = Table(
    "leaderboard_day",
    metadata,
    Column("group", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("member", Text, nullable=False),
    Column("said", Integer, nullable=False),
    Column("counted", Integer, nullable=False),
    PrimaryKeyConstraint("group", "day", "member"),
    sqlite_with_rowid=False,
    info=personal("member", then="delete"),
)
"""said: messages that are talk; counted: those that count on the leaderboard. Local days."""

closed = Table(
    "leaderboard_closed",
    metadata,
    Column("group", Text, nullable=False),
    Column("day", Text, nullable=False),
    PrimaryKeyConstraint("group", "day"),
    sqlite_with_rowid=False,
)
"""Days that are over and added up, those without a word included."""
