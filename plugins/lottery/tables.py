"""Plugin: the tables of the lottery. Numbers (`L12`) are counted over the whole installation."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from bot.storage.tables import Json, UtcDateTime, metadata, personal

lotteries = Table(
    "lottery_lotteries",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("group", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("tiers", Json, nullable=False),
    Column("conditions", Json, nullable=False),
    Column("rules", Json, nullable=False, server_default="{}"),
    Column("draw_at", UtcDateTime),
    Column("target", Integer),
    Column("seed", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("sealed_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("proof", Text, nullable=False, server_default=""),
    Column("announced", Text, nullable=False, server_default=""),
    Index("ix_lottery_lotteries_group_state", "group", "state"),
    CheckConstraint("state IN ('open', 'drawn', 'cancelled')", name="state_known"),
    sqlite_autoincrement=True,
)

venues = Table(
    "lottery_venues",
    metadata,
    Column("lottery", Integer, ForeignKey("lottery_lotteries.no"), primary_key=True),
    Column("group", Text, primary_key=True),
    Index("ix_lottery_venues_group", "group"),
    sqlite_with_rowid=False,
)
"""The other groups of a lottery that takes place in several."""

entrants = Table(
    "lottery_entrants",
    metadata,
    Column("lottery", Integer, ForeignKey("lottery_lotteries.no"), primary_key=True),
    Column("member", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("weight", Integer, nullable=False, server_default="1"),
    Column("group", Text, nullable=False, server_default=""),
    Column("entered_at", UtcDateTime, nullable=False),
    UniqueConstraint("lottery", "seq"),
    sqlite_with_rowid=False,
    info=personal("member", then="keep"),
)

cards = Table(
    "lottery_cards",
    metadata,
    Column("lottery", Integer, ForeignKey("lottery_lotteries.no"), primary_key=True),
    Column("no", Integer, primary_key=True),
    Column("member", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("group", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
    info=personal("member", then="keep"),
)

seats = Table(
    "lottery_seats",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lottery", Integer, ForeignKey("lottery_lotteries.no"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("tier", Integer, nullable=False),
    Column("member", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("settled_by", Text, nullable=False, server_default=""),
    # Nobody wins twice, not even after giving a place back.
    UniqueConstraint("lottery", "member"),
    CheckConstraint("state IN ('won', 'claimed', 'void')", name="state_known"),
    info=personal("member", then="keep"),
)

barred = Table(
    "lottery_barred",
    metadata,
    Column("group", Text, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    sqlite_with_rowid=False,
    info=personal("member", then="keep"),
)

templates = Table(
    "lottery_templates",
    metadata,
    Column("group", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("line", Text, nullable=False),
    Column("rule", Text, nullable=False, server_default=""),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""A line as it stands after /抽奖, under a name; `rule` says when it starts by itself, empty for never."""
