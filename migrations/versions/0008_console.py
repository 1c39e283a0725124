"""Adds who may use the console, their sessions, and the index that the archive is searched with.

Revises: 0007
Date: 2026-11-22
Reason: the console asks for a login; a session is kept as a hash, so that the file does not open the door
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "console_users",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("login_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_console_users")),
    )
    op.create_table(
        "console_sessions",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_console_sessions")),
    )
    with op.batch_alter_table("console_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_console_sessions_user"), ["user"], unique=False)
    # It keeps no text of its own: what retention deletes is found no more.
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE messages_fts USING fts5(place, text, content='', tokenize='unicode61')")
    else:
        op.execute(
            "CREATE TABLE messages_fts ("
            "no BIGINT PRIMARY KEY REFERENCES messages (no) ON DELETE CASCADE, words TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_messages_fts_words ON messages_fts USING gin (words)")


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only; restore the backup instead")
