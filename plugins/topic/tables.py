"""Plugin: the tables of topics and of question hours."""

from __future__ import annotations

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text

from bot.storage.tables import UtcDateTime, metadata

items = Table(
    "topic_item",
    metadata,
    Column("group", Text, nullable=False),
    Column("no", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("last_on", Text, nullable=False, server_default=""),
    Column("created_by", Text, nullable=False),
    PrimaryKeyConstraint("group", "no"),
)
"""Topics of the day in turn; `last_on` is the local day of its last turn, empty before the first."""

hours = Table(
    "topic_hour",
    metadata,
    Column("group", Text, nullable=False),
    Column("no", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("begins_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    PrimaryKeyConstraint("group", "no"),
)
"""An hour of questions and answers (答疑). state: planned, open, closed, told, cancelled."""

questions = Table(
    "topic_question",
    metadata,
    Column("group", Text, primary_key=True),
    Column("hour", Integer, primary_key=True),
    Column("message", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("answers", Integer, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)
"""What was asked in the hour; `answers`: how many messages of others quoted it."""

quoted = Table(
    "topic_quoted",
    metadata,
    Column("group", Text, primary_key=True),
    Column("hour", Integer, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Messages that others quoted, from the hour until its recap; `key`: the message's id, or its folded text."""
