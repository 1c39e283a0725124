"""Plugin: the tables of inviting: comings, what was paid for them, batches on hold, channels and code words."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, Text

from bot.storage.tables import Json, UtcDateTime, metadata, personal

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
    Column("left_at", UtcDateTime),
    Column("introduced", Integer, nullable=False, server_default="0"),
    Column("hold", Integer),
    Column("channel", Text, nullable=False, server_default=""),
    Column("guess", Text, nullable=False, server_default=""),
    Column("guess_name", Text, nullable=False, server_default=""),
    Index("ix_invite_invitations_invitee", "invitee"),
    Index("ix_invite_invitations_inviter", "inviter"),
    Index("ix_invite_invitations_group_state", "group", "state"),
    Index("ix_invite_invitations_hold", "hold"),
    Index("ix_invite_invitations_group_channel", "group", "channel"),
    CheckConstraint("state IN ('unknown', 'pending', 'counted', 'void', 'deducted')", name="state_known"),
    CheckConstraint("confidence BETWEEN 0 AND 100", name="confidence_percent"),
    sqlite_autoincrement=True,
    info=personal(
        "invitee", "inviter", "guess", then="alias", invitee="invitee_name", inviter="inviter_name", guess="guess_name"
    ),
)
"""One row each time somebody came into a group. `guess`: who may have brought them, but nobody is sure yet."""

rewards = Table(
    "invite_rewards",
    metadata,
    Column("key", Text, primary_key=True),
    Column("member", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("invitation", Integer, nullable=False),
    Column("points", Integer, nullable=False),
    Column("month", Text, nullable=False),
    Index("ix_invite_rewards_member_month", "member", "month"),
    CheckConstraint("points >= 0", name="points_not_owed"),
    CheckConstraint("level BETWEEN 0 AND 2", name="two_levels"),
    sqlite_with_rowid=False,
    info=personal("member", then="alias"),
)
"""What inviters hold for it, each under the key of its posting. Level 1 and 2 are about an invitation; 0 is the ladder,
and `invitation` its step."""

holds = Table(
    "invite_holds",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("group", Text, nullable=False),
    Column("inviter", Text, nullable=False),
    Column("inviter_name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("score", Integer, nullable=False),
    Column("why", Json, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("settled_by", Text, nullable=False, server_default=""),
    Index("ix_invite_holds_inviter_state", "inviter", "state"),
    CheckConstraint("state IN ('open', 'released', 'voided')", name="state_known"),
    sqlite_autoincrement=True,
    info=personal("inviter", then="alias", inviter="inviter_name"),
)

channels = Table(
    "invite_channels",
    metadata,
    Column("group", Text, primary_key=True),
    Column("word", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("open", Integer, nullable=False),
    Column("cost_fen", Integer, nullable=False, server_default="0"),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)
"""Where newcomers come from: a poster, a talk. `word`: what they say, folded. `cost_fen`: what it cost to be there."""

codes = Table(
    "invite_codes",
    metadata,
    Column("code", Text, primary_key=True),
    Column("member", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    sqlite_with_rowid=False,
    info=personal("member", then="delete"),
)
"""A member's own code word, in all groups."""
