"""Test: a broken page of the database is found and named, sound copies are offered, a long look can be ended."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.errors import DamagedError
from bot.storage.backup import backup
from bot.storage.migrate import upgrade
from bot.storage.soundness import Inspection, damage, must_be_whole, sound_copies, ways_back

PAGE = 4096
MARK = "这一页会坏"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "shequn.db"
    path.parent.mkdir()
    upgrade(path)
    with closing(sqlite3.connect(path)) as db:
        rows = [(f"m{number}", f"{MARK}{number}" * 20) for number in range(2000)]
        db.executemany(
            "INSERT INTO messages (id, \"group\", sender, at, kind, text) VALUES (?, 'g', 'w', 1, 'text', ?)", rows
        )
        db.commit()
    return path


def break_a_page(path: Path) -> None:
    """4096 bytes in the middle of the messages become noise."""
    content = bytearray(path.read_bytes())
    pages = [at for at in range(0, len(content), PAGE) if MARK.encode() in content[at : at + PAGE]]
    middle = pages[len(pages) // 2]
    content[middle : middle + PAGE] = b"\xa5" * PAGE
    path.write_bytes(content)


def copy(path: Path, name: str, at: int) -> Path:
    to = path.parent / "backups" / name
    backup(path, to)
    os.utime(to, (at, at))
    return to


def test_a_whole_file_an_empty_and_a_missing_one_pass(database: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    empty.touch()
    for path in (database, empty, tmp_path / "none.db"):
        must_be_whole(path)
        assert damage(path) == ""


def test_a_broken_page_is_named_and_nothing_is_written(database: Path) -> None:
    break_a_page(database)
    before = database.read_bytes()
    with pytest.raises(DamagedError, match="表 messages：") as told:
        must_be_whole(database)
    assert told.value.path == database
    lines = "\n".join(ways_back(database))
    assert "没有能用的备份" in lines
    assert ".recover" in lines
    assert database.read_bytes() == before


def test_what_is_no_database_at_all_counts_as_broken(database: Path) -> None:
    database.write_bytes(b"rubbish" * 1000)
    with pytest.raises(DamagedError, match="not a database"):
        must_be_whole(database)


def test_a_file_too_large_is_passed_by(database: Path) -> None:
    break_a_page(database)
    must_be_whole(database, largest=database.stat().st_size - 1)
    with pytest.raises(DamagedError):
        must_be_whole(database, largest=database.stat().st_size)


def test_sound_copies_come_newest_first_and_broken_ones_not_at_all(database: Path) -> None:
    old = copy(database, "shequn-20260101T000000.db", 1_767_196_800)
    newer = copy(database, "daily/shequn-20260105T043000.db", 1_767_558_600)
    broken = copy(database, "daily/shequn-20260106T043000.db", 1_767_645_000)
    break_a_page(broken)
    copy(database, "sandbox-20260107T043000.db", 1_767_731_400)
    (database.parent / "backups" / "shequn-20260108T043000.db").touch()
    assert [each.path for each in sound_copies(database)] == [newer, old]
    break_a_page(database)
    lines = ways_back(database)
    local = datetime.fromtimestamp(1_767_558_600, UTC).astimezone()
    assert lines[1].strip().startswith(f"{local:%Y-%m-%d %H:%M %Z}  {newer.stat().st_size / 1e6:.1f} MB")
    assert f"  shequn --data {database.parent} db restore {newer}" in lines


@pytest.mark.parametrize("call", [["db", "check"], ["doctor"]])
def test_the_command_on_offer_repairs_it(
    call: list[str], database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHEQUN_DATA", "data")
    newest = copy(database, "daily/shequn-20260105T043000.db", 1_767_558_600)
    break_a_page(database)
    run = CliRunner()
    told = run.invoke(cli, call)
    assert told.exit_code == (3 if call[0] == "db" else 1)
    offered = next(line for line in told.output.splitlines() if "shequn --data" in line)
    relative = newest.relative_to(tmp_path)
    assert offered.strip() == f"shequn --data data db restore {relative}"
    assert run.invoke(cli, offered.split()[1:]).exit_code == 0
    assert "完好" in run.invoke(cli, call).output
    assert list(database.parent.glob("*.before-restore-*.db"))


async def test_a_look_while_the_bot_works_finds_it_and_can_be_ended(database: Path) -> None:
    assert await Inspection(database).run() == ""
    break_a_page(database)
    assert (await Inspection(database).run()).startswith("表 messages：")


async def test_a_look_that_is_called_off_ends_at_once(database: Path) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    class Slow(Inspection):
        """Tells when its query is under way, and holds it there until it is stopped."""

        def _opened(self, connection: sqlite3.Connection) -> None:
            super()._opened(connection)

            def step() -> bool:
                loop.call_soon_threadsafe(begun.set)
                while not self._is_stopped:
                    pass
                loop.call_soon_threadsafe(ended.set)
                return True

            connection.set_progress_handler(step, 1)

    looking = asyncio.create_task(Slow(database).run())
    await begun.wait()
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    async with asyncio.timeout(5):
        await ended.wait()
