"""Cli: `shequn console`: the way into the console for whoever has a shell on the machine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.place import Place, place

if TYPE_CHECKING:
    from bot.storage.server import Server


@click.group()
def console() -> None:
    """网页控制台：忘了密码或者请人来帮忙，在服务器上要一个登录链接。

    \b
    例：
      shequn console link
    """


@console.command()
@click.option("--user", default="站长", show_default=True, help="给谁的链接")
@click.option(
    "--role", type=click.Choice(["owner", "operator", "viewer"]), default="owner", show_default=True, help="什么身份"
)
@click.option("--sandbox", is_flag=True, help="沙盒的控制台")
@place
def link(where: Place, user: str, role: str, sandbox: bool) -> None:
    """生成一个一次性链接：打开它设名字和密码（忘了密码也用它）。

    机器人可以正在运行。新链接一出，旧的就没用了。

    \b
    例：
      shequn console link
      shequn console link --user 小李 --role operator
      docker compose exec bot shequn console link
    """
    from bot.errors import StorageError
    from bot.live import page_of

    settings = where.settings()
    database = where.sandbox if sandbox else where.database
    server = None if sandbox else where.server()
    if server is None and not database.is_file():
        raise StorageError(f"还没有数据库 {database}，先启动一次机器人 (no database yet)")
    path = asyncio.run(_make(server or database, user, role))
    click.echo(f"{page_of(settings).rstrip('/')}{path}")


async def _make(database: Path | Server, user: str, role: str) -> str:
    import secrets
    from datetime import UTC, datetime

    from bot.storage.console import put_link
    from bot.storage.engine import open_server_writer, open_writer
    from bot.storage.trouble import in_plain_words
    from bot.storage.work import Work
    from bot.web.console.gate import LINK_LASTS, Refused, clean

    try:
        name = clean(user)
    except Refused as error:
        raise click.BadParameter(str(error), param_hint="--user") from error
    secret = secrets.token_urlsafe(32)
    engine = open_writer(database) if isinstance(database, Path) else open_server_writer(database)
    try:
        with in_plain_words(database if isinstance(database, Path) else database.place):
            async with engine.begin() as connection:
                await put_link(Work(connection), secret, name, role, datetime.now(UTC) + LINK_LASTS)
    finally:
        await engine.dispose()
    return f"/console/welcome/{secret}"
