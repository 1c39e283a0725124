"""Plugin: the table of invitations: one row each time somebody came into a group."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, Text

from bot.storage.tables import UtcDateTime, metadata

invitations = Table(
    "invite_invitations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("group", Text, nullable=False),
    Column("invitee", Text, nullable=False),
    Column("invitee_name", Text, nullable=False),
    Column("inviter", Text, nullable=False),
    Column("inviter_name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("confidence", Integer, nullable=False),
    Column("joined_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("points", Integer, nullable=False, server_default="0"),
    Column("settled_at", UtcDateTime),
    Index("ix_invite_invitations_invitee", "invitee"),
    Index("ix_invite_invitations_inviter", "inviter"),
    Index("ix_invite_invitations_group_state", "group", "state"),
    CheckConstraint("state IN ('unknown', 'pending', 'counted', 'void', 'deducted')", name="state_known"),
    CheckConstraint("confidence BETWEEN 0 AND 100", name="confidence_percent"),
    sqlite_autoincrement=True,
)
