"""Adds what the ad guard has learnt.

Revises: 0001
Date: 2026-11-22
Reason: what admins teach must survive a restart and be undone; copies seen lately are compared across groups; how
cases end tells which rule errs
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ad_guard_lessons",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sketch", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sample", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.Integer(), nullable=True),
        sa.Column("undone_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_ad_guard_lessons")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ad_guard_lessons_group", "ad_guard_lessons", ["group"])
    op.create_table(
        "ad_guard_seen",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("sketch", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_ad_guard_seen")),
    )
    op.create_index("ix_ad_guard_seen_at", "ad_guard_seen", ["at"])
    op.create_table(
        "ad_guard_outcomes",
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("families", sa.Text(), nullable=False),
        sa.Column("reversed", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("case", name=op.f("pk_ad_guard_outcomes")),
    )
    op.create_index("ix_ad_guard_outcomes_group_at", "ad_guard_outcomes", ["group", "at"])
    # Fingerprints of cleared texts, without the texts: lessons cannot be made of them.
    op.execute("DELETE FROM notes WHERE plugin = 'ad_guard' AND key LIKE 'ham:%'")


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only; restore the backup instead")
