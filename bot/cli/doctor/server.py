"""Cli: the doctor's look at a database on a server: reached, migrated, served by whom, and can it be copied."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

from bot.cli.doctor.finding import Finding, note, well, wrong
from bot.errors import StorageError
from bot.storage.server import SHARED, Server


def look_at_server(server: Server) -> Iterator[Finding]:
    """Nothing is changed there, not even a lease taken."""
    try:
        version, steps, holder = asyncio.run(_ask(server))
    except StorageError as error:
        yield wrong(f"数据库：{error}")
        return
    if steps:
        yield note(f"数据库：{server.place}，PostgreSQL {version}，要升级 {len(steps)} 步", "下次启动时自动升级")
    else:
        yield well(f"数据库：{server.place}，PostgreSQL {version}，是最新的")
    yield note(f"账户 {server.account}：{holder}")
    yield from _look_at_tools(server)


def _look_at_tools(server: Server) -> Iterator[Finding]:
    from bot.storage.dump import command, program

    if program("pg_dump") and program("pg_restore"):
        yield well("备份工具：pg_dump 和 pg_restore 都在，每日备份照做")
    else:
        mend = f"装 postgresql-client；或者把 storage.backup_at 设成 off，在数据库那边备份：{command(server)}"
        yield wrong("备份工具：没有 pg_dump，每日备份做不了", mend)


async def _ask(server: Server) -> tuple[str, list[str], str]:
    from bot.storage.schema import waiting
    from bot.storage.trouble import in_plain_words

    steps = await waiting(server)
    with in_plain_words(server.place):
        connection = await server.connect()
        try:
            version = str(await connection.fetchval("SHOW server_version")).split()[0]
            holder = "没有进程照看"
            if await connection.fetchval("SELECT to_regclass($1)", f"{SHARED}.leases") is not None:
                row = await connection.fetchrow("SELECT * FROM shequn.leases WHERE account = $1", server.account)
                if row is not None and row["until"] > datetime.now(UTC):
                    holder = f"由 {row['holder']} 照看，第 {row['epoch']} 任"
        finally:
            await connection.close()
    return version, steps, holder
