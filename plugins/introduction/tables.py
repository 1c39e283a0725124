"""Plugin: the table of introductions."""

from __future__ import annotations

from sqlalchemy import Column, PrimaryKeyConstraint, Table, Text

from bot.storage.tables import UtcDateTime, metadata, personal

introductions = Table(
    "introduction_profile",
    metadata,
    Column("group", Text, nullable=False),
    Column("member", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("job", Text, nullable=False),
    Column("needs", Text, nullable=False),
    Column("offers", Text, nullable=False),
    Column("hobbies", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("group", "member"),
    info=personal("member", then="delete"),
)
"""What each member of a group said about themselves; an empty text was not said."""
