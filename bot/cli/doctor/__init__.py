"""Cli: `shequn doctor`: what is wrong with this installation, in plain words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.place import Place, place, read_from

if TYPE_CHECKING:
    from bot.cli.doctor.finding import Finding
    from bot.settings import Settings


@click.command()
@place
def doctor(where: Place) -> None:
    """体检：一项一行，✓ 好，✗ 要修（下面写着怎么修），· 供参考。有 ✗ 退出码 1。

    看：程序、配置、时钟、数据文件夹和磁盘、数据库；网关的地址、加密、令牌、协议；
    微信账号看得到几个群，做得到什么，在每个照看的群里是什么身份。什么也不会改动。

    \b
    例：shequn doctor
        shequn --data /data doctor
    """
    from bot.cli.doctor.finding import State

    wrong_count = 0
    for finding in _look(where):
        click.echo(str(finding))
        wrong_count += finding.state is State.WRONG
    click.echo(f"\n{'有 ' + str(wrong_count) + ' 处要修' if wrong_count else '一切正常'}")
    if wrong_count:
        raise SystemExit(1)


def _look(where: Place) -> Iterator[Finding]:
    from bot.cli.doctor.finding import note, well, wrong
    from bot.cli.doctor.installation import (
        look_at_clock,
        look_at_data,
        look_at_database,
        look_at_program,
        look_at_reader,
    )
    from bot.clock import SystemClock
    from bot.errors import ConfigError
    from bot.settings.review import review

    yield from look_at_program()
    settings: Settings | None = None
    try:
        settings = where.settings()
    except ConfigError as error:
        yield from (wrong(f"配置：{problem}") for problem in error.problems)
    else:
        yield well(f"配置：{'；'.join(read_from(settings)).replace('配置：', '')}")
        yield from (note(f"配置：{remark.removeprefix('· ')}") for remark in review(settings))
    yield from look_at_clock(SystemClock().now(), settings.bot.timezone if settings else "Asia/Shanghai")
    yield from look_at_reader()
    yield from look_at_data(where)
    if settings is not None and (url := settings.storage.url.get_secret_value()):
        from bot.cli.doctor.server import look_at_server
        from bot.storage.server import Server

        yield from look_at_server(Server(url, settings.storage.account))
        if where.database.exists():
            yield note(f"数据库：用的是服务器，可是还有文件 {where.database}", "没搬的话停机器人，shequn db move")
    else:
        yield from look_at_database(where.database)
    if settings is not None:
        yield from asyncio.run(_gateway(settings, where.database))


async def _gateway(settings: Settings, database: Path) -> list[Finding]:
    from bot.cli.doctor.gateway import look_at_gateway

    return [finding async for finding in look_at_gateway(settings, database)]
