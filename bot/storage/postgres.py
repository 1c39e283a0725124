"""Storage: how our statements are said to PostgreSQL: the one place that knows where it differs from SQLite.

Everybody else writes SQLAlchemy Core as SQLite takes it. What means something else there, or nothing, is said here so
that both answer alike: whole numbers of 64 bits, text ordered by its characters, rows without a value first, LIKE that
does not mind capitals, `max` of two numbers, a look into JSON text, and numbers of rows without gaps.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Column, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg, PGDialect_asyncpg
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler, PGTypeCompiler
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import asc_op, desc_op

DIALECT = "postgresql+shequn"


class HouseCompiler(PGCompiler_asyncpg):
    """Statements."""

    def _on_conflict_target(self, clause: Any, **options: Any) -> str:
        """SQLite's clause is ours; it knows no named constraints."""
        if clause.inferred_target_elements is None:
            return ""
        options |= {"include_table": False, "use_schema": False}
        elements = (
            self.preparer.quote(element) if isinstance(element, str) else self.process(element, **options)
            for element in clause.inferred_target_elements
        )
        where = clause.inferred_target_whereclause
        return f"({', '.join(elements)})" + ("" if where is None else f" WHERE {self.process(where, **options)}")

    def visit_max_func(self, function: Any, **options: Any) -> str:
        return self._of_several("max", "greatest", function, options)

    def visit_min_func(self, function: Any, **options: Any) -> str:
        return self._of_several("min", "least", function, options)

    def _of_several(self, of_rows: str, of_values: str, function: Any, options: Any) -> str:
        several = len(function.clauses.clauses) > 1
        return f"{of_values if several else of_rows}{self.function_argspec(function, **options)}"

    def visit_json_extract_func(self, function: Any, **options: Any) -> str:
        """`json_extract(text, '$.key')`; here the value comes out as text."""
        document, path = (self.process(clause, **options) for clause in function.clauses)
        return f"(CAST({document} AS JSONB) #>> string_to_array(substr({path}, 3), '.'))"

    def visit_json_remove_func(self, function: Any, **options: Any) -> str:
        document, *paths = (self.process(clause, **options) for clause in function.clauses)
        keys = ", ".join(f"substr({path}, 3)" for path in paths)
        return f"CAST(CAST({document} AS JSONB) - ARRAY[{keys}] AS TEXT)"

    def visit_like_op_binary(self, binary: Any, operator: Any, **options: Any) -> str:
        return str(super().visit_ilike_op_binary(binary, operator, **options))  # type: ignore[no-untyped-call]

    def visit_not_like_op_binary(self, binary: Any, operator: Any, **options: Any) -> str:
        return str(super().visit_not_ilike_op_binary(binary, operator, **options))  # type: ignore[no-untyped-call]

    def order_by_clause(self, select: Any, **options: Any) -> str:
        clauses = [self.process(clause, **options) + _place_of_nothing(clause) for clause in select._order_by_clauses]
        return f" ORDER BY {', '.join(clauses)}" if clauses else ""


def _place_of_nothing(clause: Any) -> str:
    """SQLite takes no value for the smallest. Columns that always have one are left to their index."""
    descends = False
    if isinstance(clause, UnaryExpression) and clause.modifier in (asc_op, desc_op):
        descends, clause = clause.modifier is desc_op, clause.element
    if not isinstance(clause, Column) or not clause.nullable:
        return ""
    return " NULLS LAST" if descends else " NULLS FIRST"


class HouseTypes(PGTypeCompiler):
    """Types, as columns and in casts."""

    def visit_INTEGER(self, type_: Any, **options: Any) -> str:
        return "BIGINT"

    def visit_TEXT(self, type_: Any, **options: Any) -> str:
        return 'TEXT COLLATE "C"' if isinstance(options.get("type_expression"), Column) else "TEXT"


class HouseTables(PGDDLCompiler):
    """CREATE TABLE. A table that SQLite numbers with AUTOINCREMENT gets its numbers the same way here.

    A sequence leaves a gap where a transaction is undone; people see these numbers (`W34`), so `next_number`, which
    the migrations make first, counts in a row of the same transaction.
    """

    def get_column_specification(self, column: Any, **options: Any) -> str:
        specification = str(super().get_column_specification(column, **options))  # type: ignore[no-untyped-call]
        name = self.preparer.format_column(column)
        if not specification.startswith(f"{name} SERIAL"):
            return specification
        if column.table.dialect_options["sqlite"]["autoincrement"]:
            return f"{name} BIGINT DEFAULT next_number('{column.table.name}') NOT NULL"
        return specification.replace(" SERIAL", " BIGSERIAL", 1)


class HouseDialect(PGDialect_asyncpg):
    """PostgreSQL by asyncpg, with our compilers."""

    supports_statement_cache = True
    statement_compiler = HouseCompiler
    type_compiler_cls = HouseTypes
    ddl_compiler = HouseTables

    @classmethod
    def engine_created(cls, engine: Any) -> None:
        event.listen(engine, "before_cursor_execute", _without_nul, retval=True)


registry.register("postgresql.shequn", __name__, "HouseDialect")


def _without_nul(
    _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
) -> tuple[str, Any]:
    """PostgreSQL keeps no NUL in text; what strangers write may have one."""
    if many:
        return statement, [_clean(row) for row in parameters]
    return statement, _clean(parameters)


def _clean(row: Any) -> Any:
    if any(isinstance(value, str) and "\0" in value for value in row):
        return tuple(
            value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value for value in row
        )
    return row


async def read_numbers_plainly(connection: Any) -> None:
    """Sums of 64-bit numbers come as whole numbers, averages as floats, as SQLite gives them."""
    await connection.set_type_codec("numeric", encoder=str, decoder=_number, schema="pg_catalog", format="text")


def _number(text: str) -> int | float:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() and "." not in text else float(number)
