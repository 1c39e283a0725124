"""Cli: what `shequn db` does when the tables are on a server, and not in the file of the data folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.ledger import say_ledger
from bot.errors import StorageError
from bot.storage.server import Server

if TYPE_CHECKING:
    from bot.storage.move import Moved

MINUTE = 60.0
"""How long a tool holds the account at a time; it is renewed meanwhile."""


@asynccontextmanager
async def alone(server: Server) -> AsyncIterator[None]:
    """While nobody serves the account, and nobody begins to. Raises StorageError when somebody does."""
    from bot.storage.lease import Lease

    lease = Lease(server, MINUTE)
    try:
        if not await lease.take():
            raise StorageError(
                f"数据库 {server.place} 正由 {lease.held_by} 使用：先停掉它，备用的也停掉 (in use by another process)"
            )
        yield
    finally:
        await lease.release()


def upgrade(server: Server, copies: Path) -> None:
    from bot.storage.schema import upgrade as migrate
    from bot.storage.schema import waiting

    async def run() -> list[str]:
        if not await waiting(server):
            return []
        async with alone(server):
            return await migrate(server, copies=copies)

    applied = asyncio.run(run())
    for revision in applied:
        click.echo(f"✓ {revision}")
    if not applied:
        click.echo(f"✓ 数据库 {server.place} 已经是最新 (up to date)")


def move(server: Server, database: Path, plugins: Path) -> None:
    """database: the file; plugins: the folder of those that ship elsewhere."""
    from bot.account import is_claimed
    from bot.clock import SystemClock
    from bot.loader import find_plugins
    from bot.storage.hold import hold
    from bot.storage.move import index
    from bot.storage.move import move as carry

    async def run() -> Moved:
        tables = [table for plugin in find_plugins(extra=plugins) for table in plugin.tables]
        async with alone(server):
            moved = await carry(database, server, tables, SystemClock().now())
            _say_moved(moved, server, database)
            click.echo("· 正在建搜索的索引；等不及可以 Ctrl-C，机器人会接着建 (indexing, the bot would go on with it)")
            await index(server)
            return moved

    is_claimed(database.parent, server.account)
    with hold(database):
        moved = asyncio.run(run())
    click.echo("✓ 搜索的索引建好了 (search index built)")
    for table, count in moved.unknown.items():
        click.echo(f"· 没有插件认得表 {table}，它的 {count} 行没有搬，还在文件里 (unknown table, left in the file)")


def _say_moved(moved: Moved, server: Server, database: Path) -> None:
    rows = {table: count for table, count in moved.rows.items() if count}
    if moved.earlier:
        click.echo(f"✓ 这个文件早已搬到 {server.place}，现在收起来 (had been moved before)")
    else:
        for table, count in rows.items():
            replaced = f"  换掉 {moved.replaced[table]} 个 PostgreSQL 不收的字符" if table in moved.replaced else ""
            click.echo(f"{table}\t{count} 行{replaced}")
        empty = len(moved.rows) - len(rows)
        click.echo(
            f"✓ 搬到 {server.place}：{len(rows)} 张表 {sum(rows.values())} 行，另外 {empty} 张是空的；"
            f"行数、数字、文字的长短和积分账本（{moved.ledger.transfers} 笔）两边一致 (moved)"
        )
    click.echo(f"✓ 文件收在 {moved.file}，内容没有动。以后 DATABASE_URL 要一直设着 (put aside)")
    click.echo(f"  退回文件：停机器人，去掉 DATABASE_URL，mv {moved.file} {database}（搬走以后的事不在里面）")


def check(server: Server, *, rebuild: bool) -> None:
    from bot.storage.ledger_check import audit_server, rebuild_server_days
    from bot.storage.schema import revision_of

    if asyncio.run(revision_of(server)) is None:
        raise StorageError(f"数据库 {server.place} 还没有表：先用 shequn db upgrade 建立 (no tables yet)")
    click.echo(f"✓ 数据库 {server.place} 连得上；页有没有坏由服务器自己查（pg_amcheck） (reached)")
    if rebuild:
        click.echo(f"✓ 每日结余重算好了，改正 {asyncio.run(rebuild_server_days(server))} 条 (day sums rebuilt)")
    say_ledger(asyncio.run(audit_server(server)))


def backup(server: Server, file: Path) -> None:
    from bot.storage.dump import dump

    size = dump(server, file)
    click.echo(f"✓ 备份好了：{file}（{size / 1e6:.1f} MB，pg_dump 格式，已检查）(backed up)")


def restore(server: Server, file: Path) -> None:
    from bot.clock import SystemClock
    from bot.storage.dump import restore as put_back

    async def run() -> str:
        async with alone(server):
            return await put_back(server, file, SystemClock().now())

    aside = asyncio.run(run())
    click.echo(f"✓ 已恢复 {server.place} (restored)")
    if aside:
        click.echo(f"  原来的表在 schema {aside}，确认无误后可以删掉：DROP SCHEMA {aside} CASCADE")


def export(server: Server, folder: Path) -> dict[str, int]:
    from bot.storage.export import export_server

    return asyncio.run(export_server(server, folder))
