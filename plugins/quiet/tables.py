"""Plugin: quiet: rounds of clearing out, and what became of whom in each."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from bot.storage.tables import UtcDateTime, metadata, personal

quiet_round = Table(
    "quiet_round",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("group", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("lasts", Integer, nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    sqlite_autoincrement=True,
)

quiet_member = Table(
    "quiet_member",
    metadata,
    Column("round", Integer, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    sqlite_with_rowid=False,
    info=personal("member", then="delete"),
)
