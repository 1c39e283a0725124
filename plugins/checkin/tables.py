"""Plugin: the tables of check-ins."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from bot.storage.tables import UtcDateTime, metadata, personal

entries = Table(
    "checkin_entry",
    metadata,
    Column("group", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
    Column("picture", Integer, nullable=False, server_default="0"),
    Column("made_up", Integer, nullable=False, server_default="0"),
    Index(None, "group", "member", "day"),
    sqlite_with_rowid=False,
    info=personal("member", then="delete"),
)
"""Who checked in on which local day; `made_up`: later, with a make-up card."""

cards = Table(
    "checkin_card",
    metadata,
    Column("group", Text, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
    info=personal("member", then="delete"),
)
"""How many make-up cards a member has left."""

challenges = Table(
    "checkin_challenge",
    metadata,
    Column("group", Text, nullable=False),
    Column("no", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("first_on", Text, nullable=False),
    Column("last_on", Text, nullable=False),
    Column("closed", Integer, nullable=False, server_default="0"),
    Column("created_by", Text, nullable=False),
    PrimaryKeyConstraint("group", "no"),
)
"""Days in a row on which the group does something together; one at a time."""
