"""Adds schedules, check-ins, topics, digests, answers; tasks move from the brief to a plugin of their own.

Revises: 0006
Date: 2026-11-22
Reason: schedules, check-ins, topics, digests, answers
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _text(name: str, **options: object) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, **options)  # type: ignore[arg-type]


def _number(name: str, *, nullable: bool = False, **options: object) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable, **options)  # type: ignore[arg-type]


def upgrade() -> None:
    _move_tasks()
    op.create_table(
        "schedule_entry",
        _text("group"),
        _number("no"),
        _text("rule"),
        _text("text"),
        _number("next_at", nullable=True),
        _text("created_by"),
        _number("created_at"),
        _number("sent_count", server_default="0"),
        sa.PrimaryKeyConstraint("group", "no", name=op.f("pk_schedule_entry")),
    )
    op.create_table(
        "digest_window",
        _text("group"),
        _number("no"),
        _number("after_no"),
        _number("upto_no"),
        _number("closed_at"),
        _text("state"),
        _number("attempts", server_default="0"),
        _text("digest", server_default=""),
        _text("phrased", server_default=""),
        sa.PrimaryKeyConstraint("group", "no", name=op.f("pk_digest_window")),
    )
    op.create_index(op.f("ix_digest_window_group_closed_at"), "digest_window", ["group", "closed_at"])
    op.create_table(
        "digest_word",
        _text("group"),
        _text("word"),
        _number("windows"),
        _number("last_no"),
        sa.PrimaryKeyConstraint("group", "word", name=op.f("pk_digest_word")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checkin_entry",
        _text("group"),
        _text("day"),
        _text("member"),
        _number("at"),
        _text("text"),
        _number("picture", server_default="0"),
        _number("made_up", server_default="0"),
        sa.PrimaryKeyConstraint("group", "day", "member", name=op.f("pk_checkin_entry")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_checkin_entry_group_member_day"), "checkin_entry", ["group", "member", "day"])
    op.create_table(
        "checkin_card",
        _text("group"),
        _text("member"),
        _number("count"),
        sa.PrimaryKeyConstraint("group", "member", name=op.f("pk_checkin_card")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checkin_challenge",
        _text("group"),
        _number("no"),
        _text("text"),
        _text("first_on"),
        _text("last_on"),
        _number("closed", server_default="0"),
        _text("created_by"),
        sa.PrimaryKeyConstraint("group", "no", name=op.f("pk_checkin_challenge")),
    )
    _add_topics()
    op.create_table(
        "faq_entry",
        _text("group"),
        _number("no"),
        _text("questions"),
        _text("answer"),
        _text("said_by"),
        _number("said_at"),
        _text("created_by"),
        _number("used", server_default="0"),
        sa.PrimaryKeyConstraint("group", "no", name=op.f("pk_faq_entry")),
    )


def _add_topics() -> None:
    op.create_table(
        "topic_item",
        _text("group"),
        _number("no"),
        _text("text"),
        _text("last_on", server_default=""),
        _text("created_by"),
        sa.PrimaryKeyConstraint("group", "no", name=op.f("pk_topic_item")),
    )
    op.create_table(
        "topic_hour",
        _text("group"),
        _number("no"),
        _text("subject"),
        _number("begins_at"),
        _number("ends_at"),
        _text("state"),
        _text("created_by"),
        sa.PrimaryKeyConstraint("group", "no", name=op.f("pk_topic_hour")),
    )
    op.create_table(
        "topic_question",
        _text("group"),
        _number("hour"),
        _text("message"),
        _text("name"),
        _text("text"),
        _number("at"),
        _number("answers", server_default="0"),
        sa.PrimaryKeyConstraint("group", "hour", "message", name=op.f("pk_topic_question")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "topic_quoted",
        _text("group"),
        _number("hour"),
        _text("key"),
        _text("name"),
        _text("text"),
        _number("count"),
        sa.PrimaryKeyConstraint("group", "hour", "key", name=op.f("pk_topic_quoted")),
        sqlite_with_rowid=False,
    )


def _move_tasks() -> None:
    """The rows stay; waiting notices and groups' own wordings follow them to the new plugin."""
    op.drop_index(op.f("ix_brief_task_group_on_date"), table_name="brief_task")
    op.rename_table("brief_task", "task")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX pk_brief_task RENAME TO pk_task")  # SQLite's file does not keep its name
    op.create_index(op.f("ix_task_group_on_date"), "task", ["group", "on_date"])
    op.execute("UPDATE timers SET plugin = 'task' WHERE plugin = 'brief' AND name LIKE 'task:%'")
    op.execute("UPDATE settings SET key = 'task.notice' WHERE key = 'brief.task_notice'")


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only; restore the backup instead")
