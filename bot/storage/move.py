"""Storage: an account moves from its file to a server: in one transaction, compared, then the file is put aside.

Whoever dies on the way leaves the file as it is and no row on the server. Whoever dies between the commit and the new
name finds, moving again, that this very file is there already, and only puts it aside.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.errors import StorageError
from bot.storage.backup import check
from bot.storage.engine import open_server_writer
from bot.storage.lease import is_sound
from bot.storage.ledger_check import Audit, audit, audit_within
from bot.storage.migrate import waiting
from bot.storage.moved import set_aside
from bot.storage.origin import Origin, Sums, held_still, stamp, sums_of
from bot.storage.schema import upgrade
from bot.storage.search import CHUNK, INDEXED, index_more
from bot.storage.server import Server
from bot.storage.shape import Shape, quoted, shapes
from bot.storage.soundness import must_be_whole
from bot.storage.trouble import in_plain_words
from bot.storage.writer import Writer

STAMP = "moved_from"
"""In `installation`: stands for the file whose rows these are."""
PATIENT = {"lock_timeout": "10s", "statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}
"""Whatever the server's own limits are: the transaction lasts as long as it must."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What lies on the server now.

    rows, replaced: by table; replaced for characters that a server does not take. unknown: tables that no plugin here
    knows; they stay in the file. file: where that lies now. earlier: all but its name was done before.
    """

    rows: dict[str, int]
    replaced: dict[str, int]
    unknown: dict[str, int]
    ledger: Audit
    file: Path
    earlier: bool


async def move(path: Path, server: Server, tables: Sequence[Any], now: datetime) -> Moved:
    """Move the file's rows. The caller holds the file and the account, so that no bot has either.

    tables: of plugins that ship elsewhere. Raises StorageError; then the file is as it was, and so is the server but
    for empty tables.
    """
    ledger = await asyncio.to_thread(_examine, path)
    with in_plain_words(server.place):
        connection = await server.connect(f"shequn {server.account} move", **PATIENT)
        try:
            await connection.reset_type_codec("numeric", schema="pg_catalog")
            with held_still(path) as origin:
                earlier = await _found_there(server, connection, origin, path)
                if earlier is None:
                    await upgrade(server, list(tables))
                sums = earlier or await _carry(server, connection, origin, path, ledger)
                rows = {name: one[0] for name, one in sums.items()}
                unknown = origin.unknown(list(rows))
                return Moved(rows, origin.replaced, unknown, ledger, set_aside(path, now), earlier is not None)
        finally:
            await connection.close()


async def index(server: Server) -> None:
    """Fill the full-text index; what is left undone here the bot does beside its work."""
    writer = Writer(open_server_writer(server), fence=is_sound)
    with in_plain_words(server.place):
        await writer.start()
        try:
            while await writer.run(index_more) == CHUNK:
                pass
        finally:
            await writer.stop()


def _examine(path: Path) -> Audit:
    """Is the file worth moving? Raises StorageError with how to mend it."""
    must_be_whole(path)
    if waiting(path):
        raise StorageError(f"{path} 要先升级：去掉 DATABASE_URL，shequn db upgrade，再来搬 (upgrade the file first)")
    ledger = audit(path)
    if problems := [*check(path), *ledger.problems]:
        mend = "去掉 DATABASE_URL，用 shequn db check 看着修好再搬 (mend the file first)"
        raise StorageError("\n".join([f"✗ {path} 有问题，没有搬。{mend}：", *problems]))
    return ledger


async def _found_there(server: Server, connection: Any, origin: Origin, path: Path) -> dict[str, Sums] | None:
    """The file's sums, when exactly these rows came here before. Raises StorageError when the account has others."""
    if not (filled := [name for name in await _tables(server, connection) if await _has_rows(connection, name)]):
        return None
    if "installation" in filled:
        kept = await connection.fetchval("SELECT value FROM installation WHERE key = $1", STAMP)
        if kept is not None:
            there = origin.matching(await shapes(connection, server.schema))
            sums = await asyncio.to_thread(sums_of, path, there)
            if kept == stamp(sums):
                return sums
    named = "、".join(filled[:3]) + (f" 等 {len(filled)} 张表" if len(filled) > 3 else "")
    raise StorageError(
        f"数据库 {server.place} 里已经有数据（{named}），没有搬：换一个 [storage] account；"
        f"那些数据确实不要的话，先 DROP SCHEMA {server.schema} CASCADE (not empty)"
    )


async def _tables(server: Server, connection: Any) -> list[str]:
    found = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY 1", server.schema)
    return [row[0] for row in found if row[0] != "alembic_version"]


async def _has_rows(connection: Any, table: str) -> bool:
    return bool(await connection.fetchval(f"SELECT EXISTS (SELECT 1 FROM {quoted(table)})"))  # noqa: S608


async def _carry(server: Server, connection: Any, origin: Origin, path: Path, ledger: Audit) -> dict[str, Sums]:
    """All or nothing. Nobody else gets at these tables until it is over, not even one that took the account over."""
    async with connection.transaction():
        names = ", ".join(map(quoted, await _tables(server, connection)))
        await connection.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
        await _found_there(server, connection, origin, path)
        moving = origin.matching(await shapes(connection, server.schema))
        expected = await asyncio.to_thread(sums_of, path, moving)
        for shape in moving:
            columns = [column.name for column in shape.columns]
            # The guards of the ledger ask the whole table about each row; that it is true is asked at the end instead.
            await connection.execute(f"ALTER TABLE {quoted(shape.name)} DISABLE TRIGGER USER")
            for piece in origin.pieces(shape):
                await connection.copy_records_to_table(
                    shape.name, records=piece, columns=columns, schema_name=server.schema
                )
            await _number(connection, shape, origin.last_number(shape.name))
            await connection.execute(f"ALTER TABLE {quoted(shape.name)} ENABLE TRIGGER USER")
            await connection.execute(f"ANALYZE {quoted(shape.name)}")
        await _compare(connection, moving, expected, origin.grown)
        if await audit_within(connection) != ledger:
            raise StorageError("搬过去的积分账本和文件里的对不上，没有搬，文件还是原样 (the ledgers differ)")
        # The index begins anew, and whoever moves the same file again is told that it is here.
        keep = "INSERT INTO installation VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        await connection.executemany(keep, [(INDEXED, "0"), (STAMP, stamp(expected))])
    return expected


async def _number(connection: Any, shape: Shape, last: int) -> None:
    """The next row gets a number that no row ever had."""
    for column in shape.columns:
        if not column.is_counted and column.sequence is None:
            continue
        highest = f"SELECT coalesce(max({column.quoted}), 0) FROM {quoted(shape.name)}"  # noqa: S608
        last = max(last, await connection.fetchval(highest))
        if last and column.is_counted:
            await connection.execute("INSERT INTO numbers VALUES ($1, $2)", shape.name, last)
        elif last:
            await connection.fetchval("SELECT setval($1::text::regclass, $2)", column.sequence, last)


async def _compare(connection: Any, moving: list[Shape], expected: dict[str, Sums], grown: dict[str, int]) -> None:
    for shape in moving:
        there = tuple(map(int, await connection.fetchrow(shape.sums("octet_length({})"))))
        rows, numbers, octets = expected[shape.name]
        if there != (rows, numbers, octets + grown.get(shape.name, 0)):
            raise StorageError(
                f"表 {shape.name} 对不上：文件里 {rows} 行，搬过去 {there[0]} 行。没有搬，文件还是原样 (differs)"
            )
