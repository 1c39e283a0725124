"""Cli: `shequn play`: scripts of chats against the real engine, in virtual time."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import click

from bot.cli.place import Place, place
from bot.errors import ScriptError

if TYPE_CHECKING:
    from bot.transports.transcript.log import Play


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="每个动作打印一行 JSON，不做对照")
@click.option("--show", is_flag=True, help="把整个聊天打印出来")
@place
def play(where: Place, files: tuple[str, ...], as_json: bool, show: bool) -> None:
    """演一遍 .chat 剧本：真的引擎、虚拟的时间、全新的数据库。

    全部符合期望退出码 0；不符合打印差别，退出码 1；剧本读不懂说出文件和行号，退出码 2。
    FILE 写 - 表示标准输入。写法见 docs/chat.md。

    \b
    例：
      shequn play tests/chats/welcome.chat
      shequn play --show tests/chats/red_packet.chat
      printf '09:00 小陈 joins\\n' | shequn play --json -
    """
    from bot.cli.company import Company
    from bot.loader import find_plugins

    company = Company(where.config, find_plugins())
    worst = 0
    for file in files:
        try:
            done = asyncio.run(company.play(file))
        except ScriptError as error:
            click.echo(str(error), err=True)
            worst = 2
        else:
            worst = max(worst, tell(done, as_json=as_json, with_chat=show))
    raise SystemExit(worst)


def tell(done: Play, *, as_json: bool, with_chat: bool) -> int:
    """Print what came of one script; returns its exit code."""
    from bot.transports.transcript.diff import explain
    from bot.transports.transcript.expect import compare
    from bot.transports.transcript.log import Acted, Held
    from bot.transports.transcript.render import as_json as line_of
    from bot.transports.transcript.render import show

    if with_chat:
        click.echo("\n".join(show(done)), err=as_json)
    if as_json:
        for entry in done.entries:
            if isinstance(entry, Acted | Held):
                click.echo(json.dumps(line_of(entry), ensure_ascii=False))
        return 0
    outcome = compare(done)
    if outcome.met:
        # A comment after the chat, so that what --show prints is a script as it stands.
        click.echo(f"{'# ' if with_chat else ''}{done.script.file} 通过，{outcome.expected} 个期望 (as expected)")
        return 0
    for line in explain(done, outcome):
        click.echo(line)
    return 1
