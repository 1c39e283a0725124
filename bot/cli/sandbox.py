"""Cli: `shequn sandbox`: a group in the browser, with the real engine behind it."""

from __future__ import annotations

import asyncio

import click

from bot.cli.place import Place, place


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="网页的端口，默认用配置里的 [web] port（8080）")
@click.option("--host", help="监听的地址，默认用配置里的 [web] host（127.0.0.1）")
@place
def sandbox(where: Place, port: int | None, host: str | None) -> None:
    """在浏览器里试玩，不用微信账号。

    打开 http://127.0.0.1:8080/ 就是一个群：扮演任何成员说话、发红包、进群，看机器人怎么做、为什么。
    数据在单独的 sandbox.db 里，和正式的数据库无关。Ctrl-C 或 SIGTERM 停止。

    \b
    例：
      shequn sandbox
      shequn sandbox --port 9000
    """
    from bot.settings import PLAYGROUND

    web = {key: value for key, value in (("web.port", port), ("web.host", host)) if value}
    settings = where.start(presets=PLAYGROUND, overrides=web)

    from bot.live import run_sandbox

    raise SystemExit(asyncio.run(run_sandbox(settings, where.data)))
