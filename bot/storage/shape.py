"""Storage: the tables of an account as a server has them, and how a value that SQLite kept is said to each column.

SQLite keeps what it is given; a server's column takes one type. Our own tables have whole numbers and text only, those
of plugins that ship elsewhere may have anything that SQLAlchemy can put into both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from graphlib import TopologicalSorter
from typing import Any

NOT_ROWS = {"alembic_version", "numbers", "messages_fts"}
"""What a schema keeps about itself, and the index, which is made from the messages."""
MODULUS = 1_000_003
"""Sums are of what is left over, because SQLite's own end at 64 bits."""
_COLUMNS = """
SELECT c.relname, a.attname, t.typname, coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS fallback,
    pg_get_serial_sequence(quote_ident($1) || '.' || quote_ident(c.relname), a.attname) AS sequence
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum"""
_PARENTS = """
SELECT c.relname, p.relname AS parent FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
WHERE k.contype = 'f' AND k.connamespace = $1::regnamespace AND k.conrelid <> k.confrelid"""


@dataclass(frozen=True, slots=True)
class Column:
    """type: the server's short name. fallback: its DEFAULT. sequence: what numbers its rows, None for nothing."""

    name: str
    type: str
    fallback: str = ""
    sequence: str | None = None

    @property
    def quoted(self) -> str:
        return quoted(self.name)

    @property
    def is_counted(self) -> bool:
        """Its numbers come from `numbers`."""
        return self.fallback.startswith("next_number(") or ".next_number(" in self.fallback


@dataclass(frozen=True, slots=True)
class Shape:
    """One table."""

    name: str
    columns: tuple[Column, ...]

    def sums(self, octets: str) -> str:
        """The question for rows, numbers and bytes of text; octets: how this database says the bytes of `{}`."""
        numbers = [f"coalesce({each.quoted} % {MODULUS}, 0)" for each in self.columns if each.type in _WHOLE]
        texts = [f"coalesce({octets.format(each.quoted)}, 0)" for each in self.columns if each.type in _TEXTS]
        asked = [f"coalesce(sum({' + '.join(some) or '0'}), 0)" for some in (numbers, texts)]
        return f"SELECT count(*), {', '.join(asked)} FROM {quoted(self.name)}"  # noqa: S608  names out of a catalogue


async def shapes(connection: Any, schema: str) -> list[Shape]:
    """Every table with rows of the account, parents before those that point to them."""
    columns: dict[str, list[Column]] = {}
    for table, *column in await connection.fetch(_COLUMNS, schema):
        if table not in NOT_ROWS:
            columns.setdefault(table, []).append(Column(*column))
    sorter = TopologicalSorter[str](dict.fromkeys(sorted(columns), ()))
    for table, parent in await connection.fetch(_PARENTS, schema):
        if table in columns:
            sorter.add(table, parent)
    return [Shape(table, tuple(columns[table])) for table in sorter.static_order()]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _whole(value: Any) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise ValueError("not a whole number")
    return int(value)


def _aware(value: Any) -> datetime:
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


_WHOLE = dict.fromkeys(("int8", "int4", "int2"), _whole)
_TEXTS: dict[str, Callable[[Any], str]] = dict.fromkeys(("text", "varchar"), str)
_SAID: dict[str, Callable[[Any], Any]] = {
    **_WHOLE,
    **_TEXTS,
    "bool": bool,
    "float8": float,
    "float4": float,
    "numeric": lambda value: Decimal(str(value)),
    "bytea": bytes,
    "json": str,
    "jsonb": str,
    "timestamptz": _aware,
    "timestamp": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}


def said_to(column: Column) -> Callable[[Any], Any]:
    """How a value of the file, never None, is said to this column. Raises KeyError for a type nobody can say.

    The function raises ValueError or TypeError for a value that is none of the column's.
    """
    return _SAID[column.type]
