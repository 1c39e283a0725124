"""Plugin: the tables of the shop: goods, orders, coupon codes. Numbers are counted over the whole installation."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from bot.storage.tables import UtcDateTime, metadata, personal

goods = Table(
    "shop_goods",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("group", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("price", Integer, nullable=False),
    Column("stock", Integer),
    Column("per_person", Integer, nullable=False),
    Column("opens_at", UtcDateTime),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_shop_goods_group_state", "group", "state"),
    CheckConstraint("price > 0", name="price_not_free"),
    CheckConstraint("stock IS NULL OR stock >= 0", name="stock_not_owed"),
    CheckConstraint("kind IN ('hand', 'code')", name="kind_known"),
    CheckConstraint("state IN ('on', 'off')", name="state_known"),
    sqlite_autoincrement=True,
)
"""`stock`: what is left to reserve, NULL without end; goods of kind `code` have as many as unused codes.
`per_person`: 0 as often as one likes."""

orders = Table(
    "shop_orders",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("goods", Integer, ForeignKey("shop_goods.no"), nullable=False),
    Column("group", Text, nullable=False),
    Column("member", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("price", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("settled_by", Text, nullable=False, server_default=""),
    Index("ix_shop_orders_goods_member", "goods", "member"),
    Index("ix_shop_orders_member", "member"),
    Index("ix_shop_orders_group_state", "group", "state"),
    CheckConstraint("state IN ('reserved', 'done', 'refunded')", name="state_known"),
    sqlite_autoincrement=True,
    info=personal("member", then="keep"),
)

codes = Table(
    "shop_codes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("goods", Integer, ForeignKey("shop_goods.no"), nullable=False),
    Column("code", Text, nullable=False),
    Column("order", Integer),
    UniqueConstraint("goods", "code"),
    Index("uq_shop_codes_order", "order", unique=True),
    sqlite_autoincrement=True,
)
"""`order`: whom it was given to; once given it is never free again."""
