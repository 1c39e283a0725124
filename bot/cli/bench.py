"""Cli: `shequn bench`: how fast and how small on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping

import click

from bot.bench import NAMES


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME…]")
@click.option("--json", "as_json", is_flag=True, help="一行一个 JSON 对象")
@click.option("--here", hidden=True, is_flag=True)
def bench(names: tuple[str, ...], as_json: bool, here: bool) -> None:
    """量一量这台机器上有多快、多省，和同一次运行里的极限相比。

    每一项在自己的进程里跑，内存才各算各的。可选：dispatch pipeline check flood schedule draw start。

    \b
    例：
      shequn bench pipeline
      shequn bench --json dispatch start
    """
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise click.UsageError(f"没有 {unknown[0]} 这一项，可选：{'、'.join(NAMES)} (unknown benchmark)")
    for name in names or NAMES:
        lines = _here(name) if here else _apart(name)
        for line in lines:
            click.echo(json.dumps(line, ensure_ascii=False) if as_json or here else _table(line))


def _here(name: str) -> list[Mapping[str, object]]:
    import asyncio

    from bot.bench import measure_of

    async def run() -> list[Mapping[str, object]]:
        return await measure_of(name)()

    return asyncio.run(run())


def _apart(name: str) -> list[Mapping[str, object]]:
    command = [sys.executable, "-m", "bot", "--log-level", "error", "bench", "--here", name]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own program
    if done.returncode:
        raise SystemExit(done.returncode)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _table(line: Mapping[str, object]) -> str:
    head = f"{line['bench']} · {line['work']}"
    body = "  ".join(f"{key}={value}" for key, value in line.items() if key not in ("bench", "work", "limit"))
    return f"{head}\n    {body}\n    目标 (goal): {line['limit']}"
