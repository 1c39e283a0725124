"""Migrations: how alembic meets our tables. SQLite changes tables by copying them (`render_as_batch`)."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, engine_from_config, event, pool

from bot.storage.tables import Json, UtcDateTime, metadata


def plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A revision stands for itself: it names SQLite's types, not classes of ours that may change."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.Integer()"
    if kind == "type" and isinstance(item, Json):
        return "sa.Text()"
    return False


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=plain,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def migrate_file() -> None:
    section = config.get_section(config.config_ini_section, {})
    engine = engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool)

    @event.listens_for(engine, "connect")
    def _leave_transactions_to_us(connection: Any, _record: Any) -> None:
        # sqlite3 by itself would commit every CREATE TABLE at once; a migration that breaks must leave the file as it
        # was.
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.connect() as connection:
        migrate(connection)
    engine.dispose()


config = context.config
if "connection" in config.attributes:
    migrate(config.attributes["connection"])  # of a server, opened by whoever called
else:
    migrate_file()
