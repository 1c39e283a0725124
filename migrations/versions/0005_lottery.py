"""Adds lotteries of several kinds.

Revises: 0004
Date: 2026-11-22
Reason: lotteries with rules of their own, over several groups, instant ones, templates; who may not take part
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lottery_lotteries", sa.Column("rules", sa.Text(), server_default="{}", nullable=False))
    op.add_column("lottery_lotteries", sa.Column("sealed_at", sa.Integer(), nullable=True))
    op.add_column("lottery_lotteries", sa.Column("announced", sa.Text(), server_default="", nullable=False))
    op.add_column("lottery_entrants", sa.Column("weight", sa.Integer(), server_default="1", nullable=False))
    op.add_column("lottery_entrants", sa.Column("group", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "lottery_venues",
        sa.Column("lottery", sa.Integer(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lottery"], ["lottery_lotteries.no"], name=op.f("fk_lottery_venues_lottery_lottery_lotteries")
        ),
        sa.PrimaryKeyConstraint("lottery", "group", name=op.f("pk_lottery_venues")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_lottery_venues_group", "lottery_venues", ["group"], unique=False)
    op.create_table(
        "lottery_cards",
        sa.Column("lottery", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lottery"], ["lottery_lotteries.no"], name=op.f("fk_lottery_cards_lottery_lottery_lotteries")
        ),
        sa.PrimaryKeyConstraint("lottery", "no", name=op.f("pk_lottery_cards")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lottery_barred",
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("group", "member", name=op.f("pk_lottery_barred")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lottery_templates",
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("group", "name", name=op.f("pk_lottery_templates")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only; restore the backup instead")
