"""Test: coupon codes out of a file: every encoding spreadsheets write, and a clear line for what cannot be kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from tests.engine.stage import CONFIG
from tests.stores import fresh_file

GOODS = """INSERT INTO shop_goods ("group", name, price, per_person, kind, state, created_by, created_at)
           VALUES ('g1', '电影票', 10, 1, 'code', 'on', 'a', 0), ('g1', '书签', 10, 1, 'hand', 'on', 'a', 0)"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "shequn.db"
    path.write_bytes(fresh_file())
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(GOODS)
    return path


def bring(database: Path, content: bytes, goods: int = 1) -> Result:
    file = database.parent / "codes.csv"
    file.write_bytes(content)
    place = ["--config", str(CONFIG), "--data", str(database.parent)]
    return CliRunner().invoke(cli, [*place, "shop", "import", str(file), str(goods)])


def kept(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as db:
        return [code for (code,) in db.execute("SELECT code FROM shop_codes ORDER BY id")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_files_as_spreadsheets_write_them(database: Path, encoding: str) -> None:
    done = bring(database, "序号,券码\r\n1,卡号A1\r\n2,B2\r\n".encode(encoding))
    assert done.exit_code == 0, done.output
    assert "电影票 存进 2 个券码，现在有 2 个可换" in done.output
    assert kept(database) == ["卡号A1", "B2"]


@pytest.mark.parametrize(
    ("content", "goods", "said"),
    [
        (b"A1\nB2\nA1\n", 1, "第 3 行和第 1 行重复（A1）"),
        (b"A1\nOLD\n", 1, "OLD 以前存过了"),
        (b"", 1, "里面没有券码"),
        (b"1,A1\n2,B2\n", 1, "第一行写上列名"),
        (b"\xff\xff\x00\x81\n", 1, "不是 UTF-8 也不是 GBK 编码"),
        (b"\xef\xbf\xbd\xef\xbf\xbd\n", 1, "第 1 行不像券码"),
        (b"PK\x03\x04rest of a workbook", 1, "Excel 文件"),
        (b"A1\n", 2, "书签 不是券码商品"),
        (b"A1\n", 9, "没有编号 9 的商品"),
        (b"A" * 5_000_000, 1, "太大"),
    ],
)
def test_one_clear_line_and_nothing_kept(database: Path, content: bytes, goods: int, said: str) -> None:
    assert bring(database, b"OLD\n").exit_code == 0
    done = bring(database, content, goods)
    assert done.exit_code == 1
    assert said in done.output
    assert len(done.output.strip().splitlines()) == 1
    assert kept(database) == ["OLD"]


def test_a_file_that_is_not_there(database: Path) -> None:
    place = ["--config", str(CONFIG), "--data", str(database.parent)]
    done = CliRunner().invoke(cli, [*place, "shop", "import", str(database.parent / "none.csv"), "1"])
    assert done.exit_code == 1
    assert "没有这个文件" in done.output
