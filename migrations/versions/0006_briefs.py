"""Adds briefs and what they are made of.

Revises: 0005
Date: 2026-11-22
Reason: briefs and what they are made of
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "brief_news",
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("published_at", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("group", "key", name=op.f("pk_brief_news")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "brief_told",
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("group", "kind", "key", name=op.f("pk_brief_told")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "leaderboard_day",
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("group", "day", "member", name=op.f("pk_leaderboard_day")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "leaderboard_closed",
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("group", "day", name=op.f("pk_leaderboard_closed")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only; restore the backup instead")
