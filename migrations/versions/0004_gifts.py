"""Adds points, invites and the shop.

Revises: 0003
Date: 2026-11-22
Reason: points, invites and the shop; the ledger keeps day sums, and its file refuses replaced and unbalanced lines
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.guards import refuse

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# REPLACE deletes without asking the triggers that guard deletion, so it must find nothing to replace.
GUARDS = {
    "transfers_no_replace": (
        "transfers",
        "EXISTS (SELECT 1 FROM transfers WHERE id = NEW.id OR key = NEW.key)",
        "the ledger is append-only",
    ),
    "transfers_have_a_cause": (
        "transfers",
        "NEW.key = '' OR NEW.reason = '' OR NEW.event_id = ''",
        "a transfer says what it is, why, and which event caused it",
    ),
    "postings_no_replace": (
        "postings",
        "EXISTS (SELECT 1 FROM postings WHERE id = NEW.id)",
        "the ledger is append-only",
    ),
    "postings_balance": (
        "postings",
        "EXISTS (SELECT 1 FROM postings WHERE transfer_id = NEW.transfer_id"
        " AND (account = NEW.account OR points <> -NEW.points))"
        " OR (SELECT count(*) FROM postings WHERE transfer_id = NEW.transfer_id) > 1",
        "a transfer has two sides that sum to zero",
    ),
}


def upgrade() -> None:
    _ledger()
    _points()
    _invites()
    _shop()


def _ledger() -> None:
    op.create_table(
        "ledger_days",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "day", name=op.f("pk_ledger_days")),
        sqlite_with_rowid=False,
    )
    for name, (table, wrong, sentence) in GUARDS.items():
        refuse(op.get_bind(), name, "INSERT", table, sentence, wrong)


def _points() -> None:
    op.add_column("points_checkins", sa.Column("made_up", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "points_cards",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.CheckConstraint('"change" <> 0', name=op.f("ck_points_cards_change_not_zero")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_points_cards")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_points_cards_member", "points_cards", ["member"])
    op.create_table(
        "points_talked",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("member", "day", name=op.f("pk_points_talked")),
        sqlite_with_rowid=False,
    )


def _invites() -> None:
    table = "invite_invitations"
    op.add_column(table, sa.Column("left_at", sa.Integer(), nullable=True))
    op.add_column(table, sa.Column("introduced", sa.Integer(), server_default="0", nullable=False))
    op.add_column(table, sa.Column("hold", sa.Integer(), nullable=True))
    op.add_column(table, sa.Column("channel", sa.Text(), server_default="", nullable=False))
    op.add_column(table, sa.Column("guess", sa.Text(), server_default="", nullable=False))
    op.add_column(table, sa.Column("guess_name", sa.Text(), server_default="", nullable=False))
    op.create_index("ix_invite_invitations_hold", table, ["hold"])
    op.create_index("ix_invite_invitations_group_channel", table, ["group", "channel"])
    op.create_table(
        "invite_rewards",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("invitation", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_invite_rewards_points_not_owed")),
        sa.CheckConstraint("level BETWEEN 0 AND 2", name=op.f("ck_invite_rewards_two_levels")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_invite_rewards")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_invite_rewards_member_month", "invite_rewards", ["member", "month"])
    # What was paid before this table is in it too, so that a friend who leaves still takes their reward along.
    paid_at = "coalesce(settled_at, joined_at) / 1000"
    month = {
        "sqlite": f"strftime('%Y-%m', {paid_at}, 'unixepoch')",
        "postgresql": f"to_char(to_timestamp({paid_at}) AT TIME ZONE 'UTC', 'YYYY-MM')",
    }[op.get_bind().dialect.name]
    op.execute(
        "INSERT INTO invite_rewards (key, member, level, invitation, points, month) "  # noqa: S608  all words are ours
        f"SELECT 'invite:' || invitee, inviter, 1, id, points, {month} "
        "FROM invite_invitations WHERE state = 'counted' AND points > 0"
    )
    op.create_table(
        "invite_holds",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("inviter", sa.Text(), nullable=False),
        sa.Column("inviter_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.Integer(), nullable=False),
        sa.Column("settled_at", sa.Integer(), nullable=True),
        sa.Column("settled_by", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("state IN ('open', 'released', 'voided')", name=op.f("ck_invite_holds_state_known")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_invite_holds")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_invite_holds_inviter_state", "invite_holds", ["inviter", "state"])
    op.create_table(
        "invite_channels",
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("cost_fen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("group", "word", name=op.f("pk_invite_channels")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "invite_codes",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_invite_codes")),
        sa.UniqueConstraint("member", name=op.f("uq_invite_codes_member")),
        sqlite_with_rowid=False,
    )


def _shop() -> None:
    op.create_table(
        "shop_goods",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=True),
        sa.Column("per_person", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.CheckConstraint("price > 0", name=op.f("ck_shop_goods_price_not_free")),
        sa.CheckConstraint("stock IS NULL OR stock >= 0", name=op.f("ck_shop_goods_stock_not_owed")),
        sa.CheckConstraint("kind IN ('hand', 'code')", name=op.f("ck_shop_goods_kind_known")),
        sa.CheckConstraint("state IN ('on', 'off')", name=op.f("ck_shop_goods_state_known")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_shop_goods")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shop_goods_group_state", "shop_goods", ["group", "state"])
    op.create_table(
        "shop_orders",
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("goods", sa.Integer(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("settled_at", sa.Integer(), nullable=True),
        sa.Column("settled_by", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("state IN ('reserved', 'done', 'refunded')", name=op.f("ck_shop_orders_state_known")),
        sa.ForeignKeyConstraint(["goods"], ["shop_goods.no"], name=op.f("fk_shop_orders_goods_shop_goods")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_shop_orders")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_shop_orders_goods_member", "shop_orders", ["goods", "member"])
    op.create_index("ix_shop_orders_member", "shop_orders", ["member"])
    op.create_index("ix_shop_orders_group_state", "shop_orders", ["group", "state"])
    op.create_table(
        "shop_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("goods", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["goods"], ["shop_goods.no"], name=op.f("fk_shop_codes_goods_shop_goods")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_codes")),
        sa.UniqueConstraint("goods", "code", name=op.f("uq_shop_codes_goods_code")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_shop_codes_order", "shop_codes", ["order"], unique=True)


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only; restore the backup instead")
