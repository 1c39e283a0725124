"""Cli: `shequn shop`: coupon codes out of a file, straight into the shop; the bot may go on running."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.place import Place, place

if TYPE_CHECKING:
    from bot.storage.server import Server

_MOST_BYTES = 4 * 2**20
_ENCODINGS = ("utf-8-sig", "gb18030")
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# A file and a server write their parameters differently.
_GOODS = "SELECT name, kind FROM shop_goods WHERE no = {}"
_KNOWN = "SELECT code FROM shop_codes WHERE goods = {}"
_ADD = "INSERT INTO shop_codes (goods, code) VALUES ({}, {})"
_LEFT = 'SELECT count(*) FROM shop_codes WHERE goods = {} AND "order" IS NULL'


@click.group()
def shop() -> None:
    """积分商店：从文件导入券码。

    \b
    例：shequn shop import codes.csv 1
    """


@shop.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("goods", type=click.IntRange(1))
@place
def import_codes(where: Place, file: Path, goods: int) -> None:
    """把 FILE 里的券码存给 GOODS 号商品（编号见群里的 /商品）；有一个不对就一个都不存。

    FILE 一行一个券码，或者是第一行写着“券码”的 CSV；编码是 UTF-8 或 GBK。

    \b
    例：
      shequn shop import codes.csv 1
      shequn --data /data shop import 电影票.txt 3
    """
    from bot.errors import StorageError
    from bot.loader import load_plugin
    from bot.storage.trouble import connect, explain

    read = json.loads(load_plugin("shop").computations["codes"](text_of(file)))
    if "problem" in read:
        raise StorageError(f"{file}：{_say(where, read['problem'], read['values'])}")
    if server := where.server():
        name, left = asyncio.run(_keep_on(where, server, goods, read["codes"]))
    else:
        try:
            with closing(connect(where.database, write=True)) as db:
                db.execute("PRAGMA busy_timeout=5000")
                db.execute("BEGIN IMMEDIATE")
                name, left = _keep(where, db, goods, read["codes"])
                db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            raise explain(where.database, error) from error
    click.echo(f"✓ {name} 存进 {len(read['codes'])} 个券码，现在有 {left} 个可换 (imported)")


def text_of(file: Path) -> str:
    """What a file says, in one of the encodings spreadsheets write. Raises StorageError for anything else."""
    from bot.errors import StorageError
    from bot.storage.trouble import explain

    try:
        content = file.read_bytes()
    except OSError as error:
        raise explain(file, error) from error
    if len(content) > _MOST_BYTES:
        raise StorageError(f"{file} 太大，最多 {_MOST_BYTES // 2**20} MB，什么都没存 (too large)")
    if content.startswith(_SPREADSHEETS):
        raise StorageError(f"{file} 是 Excel 文件，请另存为“CSV UTF-8”再来，什么都没存 (a spreadsheet, not CSV)")
    for encoding in ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise StorageError(f"{file} 不是 UTF-8 也不是 GBK 编码，请另存为“CSV UTF-8”再来，什么都没存 (unknown encoding)")


def _keep(where: Place, db: sqlite3.Connection, goods: int, codes: list[str]) -> tuple[str, int]:
    """The goods' name and how many codes it has to give now. Raises StorageError when one cannot be kept."""
    row = db.execute(_GOODS.format("?"), (goods,)).fetchone()
    name = _judge(where, goods, row, codes, {code for (code,) in db.execute(_KNOWN.format("?"), (goods,))})
    db.executemany(_ADD.format("?", "?"), [(goods, code) for code in codes])
    return name, int(db.execute(_LEFT.format("?"), (goods,)).fetchone()[0])


async def _keep_on(where: Place, server: Server, goods: int, codes: list[str]) -> tuple[str, int]:
    """The same on a server."""
    from bot.storage.trouble import in_plain_words

    with in_plain_words(server.place):
        db = await server.connect()
        try:
            async with db.transaction():
                known = {code for (code,) in await db.fetch(_KNOWN.format("$1"), goods)}
                name = _judge(where, goods, await db.fetchrow(_GOODS.format("$1"), goods), codes, known)
                await db.executemany(_ADD.format("$1", "$2"), [(goods, code) for code in codes])
                return name, int(await db.fetchval(_LEFT.format("$1"), goods))
        finally:
            await db.close()


def _judge(where: Place, goods: int, row: Sequence[str] | None, codes: list[str], known: set[str]) -> str:
    """The goods' name. Raises StorageError when one of the codes cannot be kept."""
    from bot.errors import StorageError

    if row is None:
        raise StorageError(_say(where, "shop.bad_which", {"编号": goods}))
    if row[1] != "code":
        raise StorageError(_say(where, "shop.bad_not_codes", {"名称": row[0]}))
    if old := next((code for code in codes if code in known), None):
        raise StorageError(_say(where, "shop.bad_codes_known", {"券码": old}))
    return str(row[0])


def _say(where: Place, key: str, values: dict[str, object]) -> str:
    """The sentence an admin would get in the chat."""
    from bot.shipped import config_part
    from bot.text import fill
    from bot.texts import load_texts

    return fill(load_texts(config_part(where.config, "texts"))["zh-CN"][key], values)
