"""Cli: `shequn run`: the bot on WeChat, through a Wechaty gateway."""

from __future__ import annotations

import asyncio

import click

from bot.cli.place import Place, place


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="健康检查和控制台的端口，优先于配置")
@place
def run(where: Place, port: int | None) -> None:
    """在微信上运行（经 Wechaty 网关）。

    网关的地址和令牌来自环境变量 WECHATY_PUPPET_SERVICE_ENDPOINT（主机:端口）和
    WECHATY_PUPPET_SERVICE_TOKEN，或者配置的 [wechaty] 一节。Ctrl-C 或 SIGTERM 停止。

    \b
    例：
      export WECHATY_PUPPET_SERVICE_TOKEN=… WECHATY_PUPPET_SERVICE_ENDPOINT=127.0.0.1:8788
      shequn run
      shequn --data /data --log-level debug run
    """
    from bot.errors import ConfigError

    settings = where.start(overrides={"web.port": port} if port else None)
    gateway = settings.sections["wechaty"]
    missing = [
        f"没有 {name}：设环境变量 {variable}，或者在配置里写 [wechaty] {key} = …；先试玩用 shequn sandbox (missing)"
        for key, name, variable in (
            ("endpoint", "网关地址", "WECHATY_PUPPET_SERVICE_ENDPOINT"),
            ("token", "网关令牌", "WECHATY_PUPPET_SERVICE_TOKEN"),
        )
        if not _plain(getattr(gateway, key))
    ]
    if missing:
        raise ConfigError(*missing)

    from bot.live import run_bot

    raise SystemExit(asyncio.run(run_bot(settings, where.data)))


def _plain(value: object) -> str:
    reveal = getattr(value, "get_secret_value", None)
    return str(reveal() if reveal else value)
