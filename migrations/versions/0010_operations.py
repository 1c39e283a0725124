"""Adds settings saved several in one step, broadcasts, tags of groups and of members, templates of settings.

Revises: 0009
Date: 2026-11-22
Reason: a preset is taken back as a whole; what went to many groups can be looked up
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _text(name: str, **options: object) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, **options)  # type: ignore[arg-type]


def _number(name: str, *, nullable: bool = False, **options: object) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable, **options)  # type: ignore[arg-type]


def upgrade() -> None:
    op.add_column("settings", _number("batch", nullable=True))
    op.add_column("settings", _text("origin", server_default=""))
    op.create_table(
        "broadcast_tag",
        _text("tag"),
        _text("group"),
        sa.PrimaryKeyConstraint("tag", "group", name=op.f("pk_broadcast_tag")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "broadcast_round",
        _number("no"),
        _text("text"),
        _text("by"),
        _text("by_name"),
        _text("place"),
        _number("began_at"),
        _text("stopped_by", server_default=""),
        _number("told", server_default="0"),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_broadcast_round")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "broadcast_send",
        _number("round"),
        _text("group"),
        _text("topic"),
        _text("state"),
        _text("error", server_default=""),
        _number("began_at"),
        _number("settled_at", nullable=True),
        sa.PrimaryKeyConstraint("round", "group", name=op.f("pk_broadcast_send")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stats_tag",
        _text("group"),
        _text("member"),
        _text("tag"),
        _text("by"),
        _number("at"),
        sa.PrimaryKeyConstraint("group", "member", "tag", name=op.f("pk_stats_tag")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "setup_template",
        _text("name"),
        _text("values"),
        _text("by"),
        _text("from_group"),
        _number("at"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setup_template")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only; restore the backup instead")
