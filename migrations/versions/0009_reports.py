"""Adds reports and appeals; a member's name in the ledger may become a pseudonym, and nothing else of it changes.

Revises: 0008
Date: 2026-11-22
Reason: what members report, and what they ask to be taken back, must outlive a restart; they may be forgotten
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.guards import allow, refuse

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


# Amounts, times and causes never change; an account and its key may only lose whose they were.
SAME_POSTING = (
    "NEW.id = OLD.id AND NEW.transfer_id = OLD.transfer_id AND NEW.points = OLD.points "
    "AND OLD.account LIKE 'member:%' AND NEW.account LIKE 'member:~%'"
)
SAME_TRANSFER = (
    'NEW.id = OLD.id AND NEW."group" = OLD."group" AND NEW.at = OLD.at AND NEW.reason = OLD.reason '
    "AND NEW.event_id = OLD.event_id AND (NEW.key = OLD.key OR instr(NEW.key, '~') > 0) "
    "AND (NEW.actor = OLD.actor OR NEW.actor LIKE '~%')"
)


def upgrade() -> None:
    for table, same in (("postings", SAME_POSTING), ("transfers", SAME_TRANSFER)):
        name = f"{table}_no_update"
        allow(op.get_bind(), name, table)
        refuse(op.get_bind(), name, "UPDATE", table, "the ledger is append-only", f"NOT ({same})")
    op.create_table(
        "report_entry",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reporter", sa.Text(), nullable=False),
        sa.Column("reporter_name", sa.Text(), nullable=False),
        sa.Column("accused", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("case", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_report_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_report_entry_group_accused_at"), "report_entry", ["group", "accused", "at"])
    op.create_index(op.f("ix_report_entry_group_reporter_at"), "report_entry", ["group", "reporter", "at"])
    op.create_table(
        "appeal_entry",
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("case", name=op.f("pk_appeal_entry")),
    )
    op.create_index(op.f("ix_appeal_entry_member"), "appeal_entry", ["member"])


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only; restore the backup instead")
