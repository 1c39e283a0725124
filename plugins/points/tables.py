"""Plugin: the tables of sign-ins (one row a person and local day, over all groups), make-up cards and talking."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, Text

from bot.storage.tables import UtcDateTime, metadata, personal

checkins = Table(
    "points_checkins",
    metadata,
    Column("member", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("group", Text, nullable=False),
    Column("streak", Integer, nullable=False),
    Column("points", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("made_up", Integer, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
    info=personal("member", then="delete"),
)

cards = Table(
    "points_cards",
    metadata,
    Column("key", Text, primary_key=True),
    Column("member", Text, nullable=False),
    Column("change", Integer, nullable=False),
    Column("actor", Text, nullable=False, server_default=""),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_points_cards_member", "member"),
    CheckConstraint('"change" <> 0', name="change_not_zero"),
    sqlite_with_rowid=False,
    info=personal("member", then="delete"),
)

talked = Table(
    "points_talked",
    metadata,
    Column("member", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("points", Integer, nullable=False),
    sqlite_with_rowid=False,
    info=personal("member", then="delete"),
)
