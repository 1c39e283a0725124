"""Cli: the doctor looks at the machine: program, clock, data folder, disk, database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import __version__
from bot.cli.doctor.finding import Finding, note, well, wrong
from bot.cli.place import Place
from bot.errors import StorageError

RELEASED = 2026
ENOUGH, LITTLE = 1_000_000_000, 200_000_000
"""Free bytes: comfortable, and too few to start an upgrade with its backup."""


def look_at_program() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        yield well(f"程序：shequn {__version__}，Python {python}")
    else:
        yield wrong(f"程序：Python {python} 不在支持的范围", "请用 Python 3.11、3.12 或 3.13")


def look_at_reader() -> Iterator[Finding]:
    from bot.reader import can_read

    if can_read():
        yield well("图片里的文字：能认（rapidocr）")
    else:
        yield note("图片里的文字：不认，只认二维码", "想认就装 pip install 'shequn[ocr]'，要多用约 600 MB 内存")


def look_at_clock(now: datetime, zone: str) -> Iterator[Finding]:
    local = now.astimezone(ZoneInfo(zone))
    if RELEASED <= now.year < RELEASED + 50:
        yield well(f"时钟：{local:%Y-%m-%d %H:%M}（{zone}）")
    else:
        yield wrong(f"时钟：现在是 {now:%Y-%m-%d}，不对", "校准系统时间，如 timedatectl set-ntp true")


def look_at_data(where: Place) -> Iterator[Finding]:
    from bot.storage.backup import free_space

    try:
        where.make_data()
    except StorageError as error:
        yield wrong(f"数据文件夹：{error}")
        return
    free = free_space(where.data)
    size = f"{free / 1e9:.1f} GB"
    if free < LITTLE:
        yield wrong(f"数据文件夹：{where.data}，只剩 {size}", "腾出空间；磁盘满了机器人会停下")
    elif free < ENOUGH:
        yield note(f"数据文件夹：{where.data}，可写，剩 {size}，不多了", "腾出空间，或者把 [storage] archive_days 改小")
    else:
        yield well(f"数据文件夹：{where.data}，可写，剩 {size}")


def look_at_database(path: Path) -> Iterator[Finding]:
    from bot.storage.backup import check
    from bot.storage.migrate import waiting
    from bot.storage.moved import aside, gone
    from bot.storage.soundness import damage, ways_back

    if (there := aside(path)) is not None:
        yield wrong(f"数据库：{gone(path, there)}")
        return
    if not path.exists():
        yield note(f"数据库：还没有 {path}", "第一次启动时会自动建立，不用做什么")
        return
    try:
        if broken := damage(path):
            yield wrong(f"数据库：{path} 已经损坏：{broken}", "\n      ".join(ways_back(path)))
            return
        problems = check(path)
        steps = [] if problems else waiting(path)
    except StorageError as error:
        yield wrong(f"数据库：{error}")
        return
    if problems:
        yield wrong(f"数据库：{path} 已经损坏：{problems[0]}", "停掉机器人，用 shequn db restore 备份文件 恢复")
    elif steps:
        yield note(f"数据库：{path} 完好，要升级 {len(steps)} 步", "下次启动时先备份再升级；也可以 shequn db upgrade")
    else:
        yield well(f"数据库：{path} 完好，是最新的，{path.stat().st_size / 1e6:.1f} MB")
