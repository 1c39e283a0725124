"""Plugin: nickname: who has been asked to change their nickname, and how often."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from bot.storage.tables import UtcDateTime, metadata, personal

reminder = Table(
    "nickname_reminder",
    metadata,
    Column("group", Text, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("times", Integer, nullable=False),
    Column("last_at", UtcDateTime),
    Column("listed_at", UtcDateTime),
    Column("noticed_at", UtcDateTime),
    sqlite_with_rowid=False,
    info=personal("member", then="delete"),
)
