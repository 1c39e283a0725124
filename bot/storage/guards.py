"""Storage: triggers that make the database itself refuse a row; for the migrations, on both kinds of database."""

from __future__ import annotations

from sqlalchemy import Connection


def refuse(connection: Connection, name: str, when: str, table: str, sentence: str, wrong: str = "") -> None:
    """Let no row of `table` be changed as `when` ("UPDATE", "DELETE", "INSERT") says, where `wrong` is true of it.

    wrong: a condition on NEW and OLD in the words both databases have; empty: always. sentence: what they answer.
    """
    if connection.dialect.name == "sqlite":
        condition = f"WHEN {wrong} " if wrong else ""
        raising = f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        _do(connection, f"CREATE TRIGGER {name} BEFORE {when} ON {table} {condition}{raising}")
        return
    row = "OLD" if when == "DELETE" else "NEW"
    raising = f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation'"
    condition = wrong.replace("instr(", "strpos(") or "TRUE"
    body = f"BEGIN IF {condition} THEN {raising}; END IF; RETURN {row}; END"
    _do(connection, f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ {body} $body$")
    _do(connection, f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def allow(connection: Connection, name: str, table: str) -> None:
    """Take a trigger away."""
    on = "" if connection.dialect.name == "sqlite" else f" ON {table}"
    _do(connection, f"DROP TRIGGER {name}{on}")


def _do(connection: Connection, statement: str) -> None:
    # As it stands: `:` and `%` in a condition are not parameters.
    connection.exec_driver_sql(statement)
