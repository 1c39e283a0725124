"""Test: an account moves from its file to a server whole, goes on there, and is never half in two places."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa

from bot.errors import DamagedError, StorageError, Unavailable
from bot.loader import find_plugins
from bot.storage import move as moving
from bot.storage import origin, search
from bot.storage.engine import open_server_reader
from bot.storage.hold import hold
from bot.storage.ledger_check import audit, audit_server
from bot.storage.move import index, move
from bot.storage.moved import aside
from bot.storage.revision import newest
from bot.storage.schema import revision_of
from bot.storage.server import Server
from bot.storage.tables import UtcDateTime, cases, metadata, postings, settings, timers
from tests import stores
from tests.engine.stage import START, XIAOLI, Stage, running_app
from tests.faults.dying import in_child
from tests.postgres import Cluster

PLUGINS = find_plugins()
NOW = datetime(2026, 1, 6, 1, 0, tzinfo=UTC)
LEDGER = {"transfers", "postings", "ledger_days"}
AD = "兼职刷单日赚500，加V：zz998877"


@pytest.fixture
async def target(postgres: Cluster) -> AsyncIterator[Server]:
    """An account of which the server knows nothing yet."""
    yield replace(await postgres.fresh(), account="second")
    stores.forget()
    postgres.take_back()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shequn.db"
    path.write_bytes(stores.fresh_file())
    return path


def sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


def say(path: Path, no: int, text: str | bytes) -> None:
    row = "INSERT INTO messages VALUES (?, 'm', 'g1', 'w', 1767574800000, 'text', CAST(? AS TEXT))"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(row, (no, text))


def is_here(path: Path) -> bool:
    return path.exists()


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * 20 : 4096 * 60] = b"\xde" * 4096 * 40
    path.write_bytes(content)


async def ask(server: Server, statement: str, *values: Any) -> list[Any]:
    connection = await server.connect()
    try:
        return [tuple(row) for row in await connection.fetch(statement, *values)]
    finally:
        await connection.close()


async def rows_there(server: Server) -> int:
    """Of all tables of the account."""
    found = await ask(server, "SELECT tablename FROM pg_tables WHERE schemaname = $1", server.schema)
    names = [name for (name,) in found if name != "alembic_version"]
    return sum([(await ask(server, f'SELECT count(*) FROM "{name}"'))[0][0] for name in names])  # noqa: S608


def in_order(rows: Any) -> list[Any]:
    """But for what the move itself keeps about the index and the file."""
    return sorted((tuple(row) for row in rows if row[0] not in (search.INDEXED, moving.STAMP)), key=repr)


def contents(path: Path) -> dict[str, list[Any]]:
    """Every table of core and plugins, as the bot reads it."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as file:
        found = {table.name: in_order(file.execute(sa.select(table))) for table in metadata.sorted_tables}
    engine.dispose()
    return found


async def contents_there(server: Server) -> dict[str, list[Any]]:
    engine = open_server_reader(server)
    async with engine.connect() as there:
        found = {table.name: in_order(await there.execute(sa.select(table))) for table in metadata.sorted_tables}
    await engine.dispose()
    return found


def made_up(table: sa.Table, row: int) -> dict[str, Any]:
    """A row that the table takes."""
    rules = " ".join(str(check.sqltext) for check in table.constraints if isinstance(check, sa.CheckConstraint))
    values: dict[str, Any] = {}
    for column in table.columns:
        word = f"{column.name} IN ('"
        if isinstance(column.type, UtcDateTime):
            values[column.name] = START + timedelta(hours=row)
        elif isinstance(column.type, sa.Integer):
            values[column.name] = row
        elif word in rules:
            values[column.name] = rules.partition(word)[2].partition("'")[0]
        else:
            values[column.name] = f"{column.name} {row} “你好” 🐯\n\\N\t"
    return values


def fill(path: Path, *names: str) -> None:
    """Rows for these tables; without names for all but the ledger's, whose rows have laws."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name in names or (not names and table.name not in LEDGER):
                connection.execute(sa.insert(table), [made_up(table, row) for row in (1, 2)])
    engine.dispose()


async def lived_in(folder: Path) -> Stage:
    """A bot with its hands full: points, a case whose time runs, settings, something that could not be sent."""
    async with running_app(folder, *PLUGINS, bot__mode="enforce") as stage:
        for word in ("/签到", "上海的天气怎么样", "去上海设计展", "Hello World 你好"):
            await stage.say(word)
        await stage.app.set_setting("g1", "moderation.grace", timedelta(minutes=5))
        await stage.say(AD)
        await stage.app.writer.run(search.index_more)
        stage.far.always = Unavailable("away")
        await stage.say("/积分")
        return stage


async def goes_on(stage: Stage) -> None:
    """What began on the file ends here, once."""
    said, stage.far.always = len(stage.far.texts()), None
    assert [case["state"] for case in await stage.rows(cases)] == ["warned"]
    assert "moderation" in [timer["plugin"] for timer in await stage.rows(timers)]
    assert [row["key"] for row in await stage.rows(settings)] == ["moderation.grace"]
    found = await stage.app.writer.run(lambda work: search.find(work, "上海", group="g1"))
    assert [one.text for one in found] == ["去上海设计展", "上海的天气怎么样"]
    await stage.after(minutes=4)
    assert len([text for text in stage.far.texts()[said:] if "积分：5" in text]) == 1
    assert stage.far.notices == []
    await stage.after(minutes=2)
    assert [("没有补红包" in text, "W1" in text) for text in stage.far.notices] == [(True, True)]
    await stage.say("/签到", by=XIAOLI)
    assert "积分 5" in stage.far.texts()[-1]
    assert sorted(row["id"] for row in await stage.rows(postings)) == [1, 2, 3, 4]


class TestWhole:
    async def test_the_bot_goes_on_where_it_was(self, tmp_path: Path, target: Server, postgres: Cluster):
        stage = await lived_in(tmp_path)
        moved = await move(stage.database, target, [], NOW)
        await index(target)
        stores.stand_in(stage.database, target, postgres)
        await stage.reopen()
        try:
            await goes_on(stage)
        finally:
            await stage.app.stop()
        assert not (await audit_server(target)).problems
        assert audit(moved.file).transfers == 1

    async def test_every_table_of_core_and_plugins(self, file: Path, target: Server):
        fill(file)
        before = contents(file)
        moved = await move(file, target, [], NOW)
        assert {name for name, rows in before.items() if len(rows) != 2} == LEDGER
        assert await contents_there(target) == before == contents(moved.file)
        assert moved.rows == {name: len(rows) for name, rows in before.items()}
        assert (moved.unknown, moved.replaced, moved.earlier) == ({}, {}, False)

    async def test_new_rows_get_numbers_that_no_row_ever_had(self, file: Path, target: Server):
        fill(file)
        # Case 7 was opened and is gone, and so are all timers; people may still speak of them.
        sql(file, "UPDATE sqlite_sequence SET seq = 7 WHERE name = 'cases'", "DELETE FROM timers")
        await move(file, target, [], NOW)
        case = "(DEFAULT, 'g', 'm', 'n', 'p', 'v', 'open', 'dry', 1, NULL, '[]', '', '', '')"
        assert await ask(target, f"INSERT INTO cases VALUES {case} RETURNING no") == [(8,)]  # noqa: S608
        timer = "(DEFAULT, 'p', 'g', 'n', 1, '{}')"
        assert await ask(target, f"INSERT INTO timers VALUES {timer} RETURNING id") == [(3,)]  # noqa: S608
        message = "(DEFAULT, 'm', 'g', 'w', 1, 'text', '')"
        assert await ask(target, f"INSERT INTO messages VALUES {message} RETURNING no") == [(3,)]  # noqa: S608

    async def test_the_ledger_is_guarded_there_as_before(self, tmp_path: Path, target: Server):
        stage = await lived_in(tmp_path)
        await move(stage.database, target, [], NOW)
        for wrong in (
            "DELETE FROM postings",
            "UPDATE transfers SET reason = 'x'",
            "INSERT INTO postings VALUES (9, 1, 'w', 5)",
        ):
            with pytest.raises(asyncpg.CheckViolationError):
                await ask(target, wrong)

    async def test_what_a_server_does_not_take_is_replaced_and_counted(self, file: Path, target: Server):
        for no, text in enumerate(["a\0b\0", "好", b"\xe5\xa5", "\N{REPLACEMENT CHARACTER}"], 1):
            say(file, no, text)
        moved = await move(file, target, [], NOW)
        assert moved.replaced == {"messages": 3}
        assert await ask(target, "SELECT text FROM messages ORDER BY no") == [("a�b�",), ("好",), ("�",), ("�",)]

    async def test_a_table_larger_than_a_piece(self, file: Path, target: Server, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(origin, "CHUNK", 7)
        for no in range(1, 31):
            say(file, no, f"第 {no} 句")
        await move(file, target, [], NOW)
        said = [text for (text,) in await ask(target, "SELECT text FROM messages ORDER BY no")]
        assert said == [f"第 {no} 句" for no in range(1, 31)]

    async def test_what_was_only_in_the_log(self, file: Path, target: Server):
        with closing(sqlite3.connect(file, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode=WAL")
        pid = in_child(lambda: _say_and_die(file))
        assert os.WTERMSIG(pid) == signal.SIGKILL
        assert file.with_name("shequn.db-wal").stat().st_size > 0
        await move(file, target, [], NOW)
        assert await ask(target, "SELECT text FROM messages") == [("最后一句",)]


def _say_and_die(path: Path) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("INSERT INTO messages VALUES (1, 'm', 'g1', 'w', 1, 'text', '最后一句')")
    os.kill(os.getpid(), signal.SIGKILL)


class TestTablesFromElsewhere:
    async def test_types_that_ours_do_not_have(self, file: Path, target: Server):
        own = sa.Table(
            "elsewhere_things",
            sa.MetaData(),
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("yes", sa.Boolean),
            sa.Column("share", sa.Float),
            sa.Column("price", sa.Numeric(10, 2)),
            sa.Column("raw", sa.LargeBinary),
            sa.Column("at", sa.DateTime(timezone=True)),
            sa.Column("plain", sa.DateTime),
            sa.Column("day", sa.Date),
            sa.Column("more", sa.JSON),
            sa.Column("short", sa.String(20)),
        )
        row = (1, True, 0.5, Decimal("9.50"), b"\0\xff", START, START.replace(tzinfo=None), date(2026, 1, 5))
        engine = sa.create_engine(f"sqlite:///{file}")
        with engine.begin() as connection:
            own.create(connection)
            connection.execute(sa.insert(own).values((*row, {"好": [1, None]}, "短")))
            connection.execute(sa.insert(own).values(id=5))
        engine.dispose()
        moved = await move(file, target, [own], NOW)
        reader = open_server_reader(target)
        async with reader.connect() as there:
            found = (await there.execute(sa.select(own).order_by(own.c.id))).all()
        await reader.dispose()
        assert tuple(found[0]) == (*row, {"好": [1, None]}, "短")
        assert tuple(found[1]) == (5, *[None] * 9)
        assert moved.rows["elsewhere_things"] == 2
        assert await ask(target, "INSERT INTO elsewhere_things (yes) VALUES (true) RETURNING id") == [(6,)]

    async def test_one_that_no_plugin_knows_stays_in_the_file_and_is_told(self, file: Path, target: Server):
        sql(file, "CREATE TABLE old_things (id INTEGER PRIMARY KEY)", "INSERT INTO old_things VALUES (1), (2)")
        sql(file, "CREATE TABLE old_empty (id INTEGER PRIMARY KEY)")
        moved = await move(file, target, [], NOW)
        assert moved.unknown == {"old_things": 2}
        assert "old_things" not in moved.rows

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ("ALTER TABLE groups ADD COLUMN colour TEXT", "groups 的 colour 在服务器上没有地方放"),
            ("UPDATE groups SET size = 'many'", "groups 的 size 里有一个值不是 int8"),
            ("UPDATE groups SET size = 1.5", "groups 的 size 里有一个值不是 int8"),
        ],
    )
    async def test_what_has_no_place_there_stops_it(self, file: Path, target: Server, change: str, sentence: str):
        fill(file)
        sql(file, change)
        before = contents(file)
        with pytest.raises(StorageError, match=sentence):
            await move(file, target, [], NOW)
        assert contents(file) == before
        assert await rows_there(target) == 0


class TestRefusals:
    async def test_a_server_that_holds_data_is_left_alone(self, file: Path, server: Server):
        fill(file)
        await ask(server, "INSERT INTO installation VALUES ('seed', 'mine')")
        with pytest.raises(StorageError, match=r"已经有数据（installation）.*DROP SCHEMA shequn_main"):
            await move(file, server, [], NOW)
        assert await rows_there(server) == 1
        assert is_here(file)

    async def test_a_migrated_and_empty_account_will_do(self, file: Path, server: Server):
        fill(file)
        await move(file, server, [], NOW)
        assert await contents_there(server) == contents(next(file.parent.glob("*.moved-*")))

    async def test_a_file_of_an_older_form(self, file: Path, target: Server):
        sql(file, "UPDATE alembic_version SET version_num = '0009'")
        with pytest.raises(StorageError, match="shequn db upgrade"):
            await move(file, target, [], NOW)
        assert await revision_of(target) is None

    async def test_a_file_from_the_future(self, file: Path, target: Server):
        sql(file, "UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(StorageError, match="来自更新的版本"):
            await move(file, target, [], NOW)

    async def test_a_damaged_file(self, file: Path, target: Server):
        fill(file)
        damage(file)
        with pytest.raises(DamagedError, match="已经损坏"):
            await move(file, target, [], NOW)
        assert is_here(file)
        assert await revision_of(target) is None

    async def test_a_ledger_that_is_not_true(self, file: Path, target: Server):
        fill(file, "ledger_days")
        with pytest.raises(StorageError, match=r"(?s)没有搬。.*日结是"):
            await move(file, target, [], NOW)
        assert await revision_of(target) is None

    async def test_a_file_that_somebody_has_open(self, file: Path, target: Server):
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("PRAGMA journal_mode=WAL")
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match="正被另一个程序占用"):
                await move(file, target, [], NOW)
        assert await revision_of(target) is None

    async def test_tables_that_somebody_looks_at(self, file: Path, server: Server, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setitem(moving.PATIENT, "lock_timeout", "50ms")
        other = await server.connect()
        try:
            async with other.transaction():
                await other.fetch("SELECT * FROM messages")
                with pytest.raises(StorageError, match="被别的连接占着"):
                    await move(file, server, [], NOW)
        finally:
            await other.close()
        assert is_here(file)

    async def test_nobody_writes_to_the_file_meanwhile(self, file: Path):
        with origin.held_still(file), closing(sqlite3.connect(file, timeout=0)) as other:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("DELETE FROM installation")
            assert other.execute("SELECT count(*) FROM installation").fetchone() == (0,)


class TestAside:
    async def test_no_bot_begins_anew_where_the_file_was(self, file: Path, target: Server):
        fill(file)
        moved = await move(file, target, [], NOW)
        assert moved.file == file.with_name("shequn.moved-20260106-010000.db") == aside(file)
        with pytest.raises(StorageError, match=r"已经搬到 PostgreSQL.*DATABASE_URL.*mv "), hold(file):
            pass
        assert not is_here(file)
        os.replace(moved.file, file)
        with hold(file):
            assert aside(file) is None

    async def test_the_same_file_once_more_is_only_put_aside(self, file: Path, target: Server):
        fill(file)
        os.replace((await move(file, target, [], NOW)).file, file)
        await ask(target, "INSERT INTO handled VALUES ('e9', 1)")
        again = await move(file, target, [], NOW)
        assert again.earlier
        assert is_here(again.file)
        assert await ask(target, "SELECT count(*) FROM handled WHERE id = 'e9'") == [(1,)]

    async def test_a_file_that_went_on_is_not_taken_for_it(self, file: Path, target: Server):
        fill(file)
        os.replace((await move(file, target, [], NOW)).file, file)
        say(file, 9, "后来又在文件上跑过")
        with pytest.raises(StorageError, match="已经有数据"):
            await move(file, target, [], NOW)
        assert is_here(file)


def _with(table: str, spoil: Callable[[list[Any]], list[Any]]) -> Callable[..., Any]:
    """The real pieces of the file, those of one table spoilt on the way."""
    real = origin.Origin.pieces

    def pieces(self: origin.Origin, shape: Any) -> Any:
        for piece in real(self, shape):
            yield spoil(piece) if shape.name == table else piece

    return pieces


class TestComparison:
    @pytest.mark.parametrize(
        ("table", "spoil", "sentence"),
        [
            ("messages", lambda rows: rows[1:], "表 messages 对不上：文件里 6 行，搬过去 5 行"),
            ("messages", lambda rows: [(*row[:4], row[4] + 1, *row[5:]) for row in rows], "表 messages 对不上"),
            ("messages", lambda rows: [(*row[:6], row[6] + "？") for row in rows], "表 messages 对不上"),
            ("postings", lambda rows: [(*row[:2], row[2][::-1], row[3]) for row in rows], "积分账本和文件里的对不上"),
        ],
    )
    async def test_what_arrives_as_something_else_is_undone(
        self,
        tmp_path: Path,
        target: Server,
        monkeypatch: pytest.MonkeyPatch,
        table: str,
        spoil: Callable[[list[Any]], list[Any]],
        sentence: str,
    ):
        stage = await lived_in(tmp_path)
        before = contents(stage.database)
        monkeypatch.setattr(origin.Origin, "pieces", _with(table, spoil))
        with pytest.raises(StorageError, match=sentence):
            await move(stage.database, target, [], NOW)
        assert await rows_there(target) == 0
        assert contents(stage.database) == before


def _dying(at: str, number: int) -> Callable[..., Any]:
    """The real thing until it was called so often; then the process is gone."""
    real, calls = getattr(moving, at), [0]

    def step(*values: Any) -> Any:
        calls[0] += 1
        if calls[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*values)

    return step


STEPS = [("upgrade", 1), ("sums_of", 1), ("_number", 1), ("_number", 30), ("_compare", 1), ("audit_within", 1)]


class TestDeath:
    @pytest.mark.parametrize(("step", "number"), [*STEPS, ("set_aside", 1)])
    def test_at_any_step_and_again(self, file: Path, postgres: Cluster, step: str, number: int):
        fill(file)
        before = contents(file)
        server = replace(asyncio.run(postgres.fresh()), account="second")

        def die() -> None:
            setattr(moving, step, _dying(step, number))
            asyncio.run(move(file, server, [], NOW))

        assert os.WTERMSIG(in_child(die)) == signal.SIGKILL
        assert contents(file) == before
        committed = step == "set_aside"
        if asyncio.run(revision_of(server)) is not None:
            asyncio.run(_settled(server))
            assert bool(asyncio.run(rows_there(server))) is committed
        moved = asyncio.run(move(file, server, [], NOW))
        assert moved.earlier is committed
        assert asyncio.run(contents_there(server)) == before == contents(moved.file)
        assert asyncio.run(revision_of(server)) == newest()
        postgres.take_back()


async def _settled(server: Server) -> None:
    """Until the server has noticed that nobody is there any more."""
    there = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1"
    while await ask(server, there, f"shequn {server.account} move") != [(0,)]:
        pass
