"""Adds newcomers: introductions, nicknames, entry, quiet members.

Revises: 0002
Date: 2026-11-22
Reason: newcomers: introductions, nicknames, entry, quiet members
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _nicknames()
    _entry()
    _quiet()
    _blacklist()


def _nicknames() -> None:
    op.create_table(
        "nickname_reminder",
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.Integer(), nullable=True),
        sa.Column("listed_at", sa.Integer(), nullable=True),
        sa.Column("noticed_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("group", "member", name=op.f("pk_nickname_reminder")),
        sqlite_with_rowid=False,
    )


def _entry() -> None:
    op.create_table(
        "entry_application",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.Integer(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_entry_application")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("entry_application", schema=None) as batch_op:
        batch_op.create_index("ix_entry_application_person_group", ["person", "group"], unique=False)


def _quiet() -> None:
    op.create_table(
        "quiet_round",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lasts", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_quiet_round")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "quiet_member",
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("round", "member", name=op.f("pk_quiet_member")),
        sqlite_with_rowid=False,
    )


def _blacklist() -> None:
    """What was one group's list becomes the list of all groups."""
    op.execute(
        'INSERT INTO notes (plugin, "group", key, value, expires_at) '
        "SELECT 'blacklist', '', substr(key, 5), value, NULL FROM notes "
        "WHERE plugin = 'ban_guard' AND key LIKE 'ban:%' ON CONFLICT DO NOTHING"
    )
    op.execute("DELETE FROM notes WHERE plugin = 'ban_guard' AND key LIKE 'ban:%'")


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only; restore the backup instead")
