"""Test: the command line when the tables are on a server: the same verbs, the same sentences, never the password."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.storage.hold import hold
from bot.storage.lease import Lease
from bot.storage.server import Server
from tests.postgres import Cluster
from tests.stores import fresh_file


@pytest.fixture
def at(postgres: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """A migrated database that the environment names, and an empty folder to stand in."""
    for name in list(os.environ):
        if name.upper().startswith(("SHEQUN_", "WECHATY_", "DATABASE_URL")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    server = asyncio.run(postgres.fresh())
    monkeypatch.setenv("DATABASE_URL", server.url.replace("postgres@", "postgres:geheim@"))
    yield server
    postgres.take_back()


def shequn(*words: str) -> Result:
    done = CliRunner().invoke(cli, list(words))
    assert "geheim" not in done.output
    return done


async def ask(server: Server, statement: str) -> object:
    connection = await server.connect()
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def test_an_account_is_made_and_then_up_to_date(at: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHEQUN_STORAGE__ACCOUNT", "shop2")
    made = shequn("db", "upgrade")
    assert (made.exit_code, made.output.splitlines()[0]) == (0, "✓ 0001")
    again = shequn("db", "upgrade")
    assert "已经是最新" in again.output
    assert "shop2" in again.output
    assert asyncio.run(ask(at, "SELECT count(*) FROM shequn_shop2.alembic_version")) == 1


def test_the_check_looks_at_the_ledger(at: Server):
    assert "积分账本：0 笔" in shequn("db", "check").output
    forged = "INSERT INTO ledger_days VALUES ('member:w', '2026-01-05', 0, 7)"
    asyncio.run(ask(at, forged))
    wrong = shequn("db", "check")
    assert wrong.exit_code == 1
    assert "日结是 7" in wrong.output
    assert shequn("db", "check", "--rebuild").exit_code == 0


def test_a_copy_and_the_way_back(at: Server, tmp_path: Path):
    asyncio.run(ask(at, "INSERT INTO installation VALUES ('seed', 'mine')"))
    assert "备份好了" in shequn("db", "backup", "copy.dump").output
    asyncio.run(ask(at, "DELETE FROM installation"))
    restored = shequn("db", "restore", "copy.dump")
    assert restored.exit_code == 0, restored.output
    assert "shequn_main_before_" in restored.output
    assert asyncio.run(ask(at, "SELECT value FROM installation")) == "mine"


def while_served(at: Server, *words: str) -> Result:
    """What a verb says while a bot serves the account."""

    async def serve_meanwhile() -> Result:
        lease = Lease(at, 30)
        assert await lease.take()
        try:
            return await asyncio.to_thread(shequn, *words)
        finally:
            await lease.release()

    return asyncio.run(serve_meanwhile())


def test_nothing_is_put_back_under_a_bot_that_serves(at: Server):
    assert shequn("db", "backup", "copy.dump").exit_code == 0
    refused = while_served(at, "db", "restore", "copy.dump")
    assert refused.exit_code == 1
    assert "先停掉它" in refused.output


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """What the bot has lived on so far."""
    path = tmp_path / "data" / "shequn.db"
    path.parent.mkdir()
    path.write_bytes(fresh_file())
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO messages VALUES (1, 'm1', 'g', 'w', 1767574800000, 'text', ?)", ("你\0好",))
        db.execute("INSERT INTO installation VALUES ('seed', 'mine')")
        db.execute("CREATE TABLE gone_things (id INTEGER PRIMARY KEY)")
        db.execute("INSERT INTO gone_things VALUES (1)")
    return path


def test_a_file_moves_here_and_is_put_aside(at: Server, file: Path, monkeypatch: pytest.MonkeyPatch):
    moved = shequn("db", "move")
    assert moved.exit_code == 0, moved.output
    assert "messages\t1 行  换掉 1 个" in moved.output
    assert "2 张表 2 行" in moved.output
    assert "没有插件认得表 gone_things，它的 1 行没有搬" in moved.output
    (kept,) = file.parent.glob("shequn.moved-*.db")
    assert f"mv {kept.relative_to(Path.cwd())} data/shequn.db" in moved.output
    assert shequn("db", "check").exit_code == 0
    assert asyncio.run(ask(at, "SELECT count(*) FROM messages_fts")) == 1
    again = shequn("db", "move")
    assert (again.exit_code, "已经搬过了" in again.output) == (1, True)
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("WECHATY_PUPPET_SERVICE_ENDPOINT", "127.0.0.1:1")
    monkeypatch.setenv("WECHATY_PUPPET_SERVICE_TOKEN", "t")
    for verb in (("run",), ("db", "check"), ("db", "upgrade"), ("db", "restore", str(kept)), ("doctor",)):
        refused = shequn(*verb)
        assert (refused.exit_code, "的数据已经搬到 PostgreSQL" in refused.output) == (1, True), verb
    assert not file.exists()
    kept.rename(file)
    assert "完好" in shequn("db", "check").output


def test_a_file_does_not_move_under_a_bot_on_either_side(at: Server, file: Path):
    refused = while_served(at, "db", "move")
    assert (refused.exit_code, "先停掉它，备用的也停掉" in refused.output) == (1, True)
    with hold(file):
        refused = shequn("db", "move")
    assert (refused.exit_code, "正被另一个机器人使用" in refused.output) == (1, True)
    assert file.exists()
    assert asyncio.run(ask(at, "SELECT count(*) FROM messages")) == 0


def test_a_file_does_not_move_to_nowhere_nor_from_another_account_s_folder(
    at: Server, file: Path, monkeypatch: pytest.MonkeyPatch
):
    empty = shequn("--data", "elsewhere", "db", "move")
    assert (empty.exit_code, "没有文件 elsewhere/shequn.db 可搬" in empty.output) == (1, True)
    (file.parent / "account").write_text("other", "utf-8")
    strange = shequn("db", "move")
    assert (strange.exit_code, "是账户 other 的" in strange.output) == (1, True)
    monkeypatch.delenv("DATABASE_URL")
    nowhere = shequn("db", "move")
    assert (nowhere.exit_code, "没有写要搬到哪里" in nowhere.output) == (1, True)
    assert file.exists()


def test_the_doctor_sees_a_file_that_was_left_behind(at: Server, file: Path):
    assert "还有文件 data/shequn.db" in shequn("doctor").output


def test_every_table_is_exported_but_what_opens_doors(at: Server, tmp_path: Path):
    asyncio.run(ask(at, "INSERT INTO messages VALUES (1, 'm1', 'g', 'w', 1767574800000, 'text', '=1+1')"))
    done = shequn("db", "export", "out")
    assert "messages\t1 行" in done.output
    assert "'=1+1" in (tmp_path / "out" / "messages.csv").read_text("utf-8-sig")
    assert '"at": "2026-01-05T01:00:00.000+00:00"' in (tmp_path / "out" / "messages.jsonl").read_text("utf-8")
    held_back = {"installation", "console_users", "numbers", "messages_fts", "alembic_version"}
    assert not held_back & {path.stem for path in (tmp_path / "out").iterdir()}


def test_the_doctor_says_where_the_tables_are_and_who_serves(at: Server):
    said = shequn("doctor").output
    assert "PostgreSQL" in said
    assert "是最新的" in said
    assert "没有进程照看" in said


def test_a_link_to_the_console(at: Server):
    assert "/console/welcome/" in shequn("console", "link").output
    assert asyncio.run(ask(at, "SELECT count(*) FROM installation WHERE key = 'console_link'")) == 1


def test_codes_go_into_the_shop(at: Server, tmp_path: Path):
    (tmp_path / "codes.txt").write_text("AAA-1\nAAA-2\n", "utf-8")
    assert shequn("shop", "import", "codes.txt", "1").exit_code == 1
    row = "(DEFAULT, 'g', '电影票', 10, NULL, 1, NULL, 'code', 'on', 'owner', 1)"
    asyncio.run(ask(at, f"INSERT INTO shop_goods VALUES {row}"))  # noqa: S608  all words are ours
    assert "存进 2 个券码，现在有 2 个" in shequn("shop", "import", "codes.txt", "1").output
    assert shequn("shop", "import", "codes.txt", "1").exit_code == 1


def test_an_address_that_is_none_of_a_server_is_refused(monkeypatch: pytest.MonkeyPatch, at: Server):
    monkeypatch.setenv("DATABASE_URL", "mysql://root:geheim@db/x")
    refused = shequn("db", "check")
    assert refused.exit_code == 1
    assert "DATABASE_URL" in refused.output


def test_the_address_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, at: Server, tmp_path: Path):
    (tmp_path / "secret").write_text(at.url + "\n", "utf-8")
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "secret"))
    assert "积分账本" in shequn("db", "check").output
