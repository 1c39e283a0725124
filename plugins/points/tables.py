"""Plugin: the table of sign-ins: one row a person and local day, over all groups."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from bot.storage.tables import UtcDateTime, metadata

checkins = Table(
    "points_checkins",
    metadata,
    Column("member", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("group", Text, nullable=False),
    Column("streak", Integer, nullable=False),
    Column("points", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)
