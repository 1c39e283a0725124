"""Storage: the tables of the engine, as SQLAlchemy Core; plugins add theirs to the same `metadata`.

Times are whole milliseconds since 1970 in UTC (`UtcDateTime`), local days are ISO text, structures are JSON text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects import sqlite

upsert = sqlite.insert
"""An INSERT that can say what happens when the row is there already; bot.storage.postgres says it to a server."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in and out; milliseconds since 1970 in the file. A naive datetime is refused."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value}")
        return round(value.timestamp() * 1000)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


class Json(TypeDecorator[Any]):
    """Plain data in and out; compact JSON text in the file."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


@dataclass(frozen=True, slots=True)
class Personal:
    """Which columns of a table hold members' ids, and what becomes of a row whose member asks to be forgotten.

    then: "delete" the row; "alias": it stays for its numbers, under a pseudonym; "keep": it stays as it is.
    names: by id column the one that holds their name, emptied with the alias.
    """

    columns: tuple[str, ...]
    then: Literal["delete", "alias", "keep"]
    names: tuple[tuple[str, str], ...] = ()


def personal(*columns: str, then: Literal["delete", "alias", "keep"], **names: str) -> dict[Any, Any]:
    """For a table's `info`; see Personal."""
    return {"personal": Personal(columns, then, tuple(names.items()))}


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, **options)


def _time(name: str, **options: Any) -> Column[datetime]:
    return Column(name, UtcDateTime, **options)


installation = Table("installation", metadata, _text("key", primary_key=True), _text("value"))

handled = Table(
    "handled",
    metadata,
    _text("id", primary_key=True),
    _time("at", nullable=False, index=True),
    sqlite_with_rowid=False,
)

groups = Table(
    "groups",
    metadata,
    _text("id", primary_key=True),
    _text("topic", server_default=""),
    Column("size", Integer, nullable=False, server_default="0"),
    Column("enabled", Integer),
    _time("first_seen_at", nullable=False),
    _time("roster_at"),
)

members = Table(
    "members",
    metadata,
    _text("group", primary_key=True),
    _text("id", primary_key=True),
    _text("name"),
    Column("role", Integer, nullable=False, server_default="0"),
    Column("named_role", Integer),
    _text("inviter_id", server_default=""),
    _time("first_seen_at", nullable=False),
    _time("joined_at"),
    _time("left_at"),
    _time("last_spoke_at"),
    Column("message_count", Integer, nullable=False, server_default="0"),
    Column("join_count", Integer, nullable=False, server_default="0"),
    Column("exempt", Integer, nullable=False, server_default="0"),
    _time("exempt_until"),
    Index("ix_members_group_joined_at", "group", "joined_at"),
    Index("ix_members_id", "id"),
    sqlite_with_rowid=False,
)

member_history = Table(
    "member_history",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("group"),
    _text("member"),
    _time("at", nullable=False),
    _text("what"),
    Column("detail", Json, nullable=False),
    Index("ix_member_history_group_member_at", "group", "member", "at"),
)

messages = Table(
    "messages",
    metadata,
    Column("no", Integer, primary_key=True),
    _text("id"),
    _text("group"),
    _text("sender"),
    _time("at", nullable=False),
    _text("kind"),
    _text("text"),
    Index("ix_messages_id", "id"),
    Index("ix_messages_group_at", "group", "at"),
)

activity = Table(
    "activity",
    metadata,
    _text("group", primary_key=True),
    _text("day", primary_key=True),
    _text("member", primary_key=True),
    Column("messages", Integer, nullable=False),
    Column("characters", Integer, nullable=False),
    sqlite_with_rowid=False,
)

transfers = Table(
    "transfers",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("key", unique=True),
    _text("group"),
    _time("at", nullable=False),
    _text("actor"),
    _text("reason"),
    _text("event_id"),
)

postings = Table(
    "postings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("transfer_id", Integer, ForeignKey("transfers.id"), nullable=False, index=True),
    _text("account", index=True),
    Column("points", Integer, nullable=False),
    CheckConstraint("points <> 0", name="points_not_zero"),
)

ledger_days = Table(
    "ledger_days",
    metadata,
    _text("account", primary_key=True),
    _text("day", primary_key=True),
    Column("upto", Integer, nullable=False),
    Column("points", Integer, nullable=False),
    sqlite_with_rowid=False,
)

notes = Table(
    "notes",
    metadata,
    _text("plugin", primary_key=True),
    _text("group", primary_key=True),
    _text("key", primary_key=True),
    _text("value"),
    _time("expires_at", index=True),
    sqlite_with_rowid=False,
)

timers = Table(
    "timers",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("plugin"),
    _text("group"),
    _text("name"),
    _time("due_at", nullable=False, index=True),
    Column("payload", Json, nullable=False),
    UniqueConstraint("plugin", "group", "name"),
    sqlite_autoincrement=True,
)

jobs = Table(
    "jobs",
    metadata,
    _text("plugin", primary_key=True),
    _text("name", primary_key=True),
    _text("group", primary_key=True),
    _text("rule"),
    _time("next_at", nullable=False, index=True),
    _time("last_at"),
    _text("last_outcome", server_default=""),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("event_id"),
    _text("plugin"),
    _text("group"),
    _text("kind"),
    Column("payload", Json, nullable=False),
    Column("priority", Integer, nullable=False),
    _text("state"),
    _time("created_at", nullable=False),
    _time("not_before", nullable=False),
    _time("settled_at"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _text("message_id", server_default=""),
    _text("error", server_default=""),
    Column("case", Integer, index=True),
    Index("ix_outbox_settled_at", "settled_at"),
    Index("ix_outbox_group_kind_created_at", "group", "kind", "created_at"),
)

cases = Table(
    "cases",
    metadata,
    Column("no", Integer, primary_key=True),
    _text("group"),
    _text("member"),
    _text("name"),
    _text("plugin"),
    _text("verdict"),
    _text("state"),
    _text("mode"),
    _time("opened_at", nullable=False),
    _time("closed_at"),
    Column("signals", Json, nullable=False),
    _text("event_id"),
    _text("message_id"),
    _text("text"),
    _text("note", server_default=""),
    Index("ix_cases_group_member_opened_at", "group", "member", "opened_at"),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    _time("at", nullable=False, index=True),
    _text("group"),
    _text("actor"),
    _text("what"),
    Column("detail", Json, nullable=False),
    Column("case", Integer, index=True),
    _text("event_id"),
)

settings = Table(
    "settings",
    metadata,
    Column("version", Integer, primary_key=True),
    _text("group"),
    _text("key"),
    Column("value", Json, nullable=False),
    _time("at", nullable=False),
    _text("by"),
    Column("undoes", Integer),
    Column("batch", Integer),
    _text("origin", server_default=""),
    Index("ix_settings_group_key", "group", "key"),
    sqlite_autoincrement=True,
)

console_users = Table(
    "console_users",
    metadata,
    _text("name", primary_key=True),
    _text("role"),
    _text("password"),
    _time("created_at", nullable=False),
    _time("login_at", nullable=True),
)

console_sessions = Table(
    "console_sessions",
    metadata,
    _text("hash", primary_key=True),
    _text("user", index=True),
    _time("created_at", nullable=False),
    _time("seen_at", nullable=False),
    _time("expires_at", nullable=False),
)
