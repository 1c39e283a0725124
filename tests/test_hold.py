"""Test: one bot per database file, and the sentence the second one gets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.storage.hold import hold
from bot.storage.trouble import in_plain_words

ROOT = Path(__file__).parent.parent


def another(database: Path, *, end: str) -> str:
    """A process that holds the file and then ends as told; what it said."""
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom bot.storage.hold import hold\n"
        f"with hold(Path(sys.argv[1])):\n    print('held', flush=True)\n    {end}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(database)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return done.stdout + done.stderr


def test_the_second_is_told_who_has_it(tmp_path: Path) -> None:
    database = tmp_path / "shequn.db"
    with hold(database, "http://127.0.0.1:8080/"):
        said = another(database, end="pass")
    assert f"{database} 正被另一个机器人使用（进程 {os.getpid()}，网页 http://127.0.0.1:8080/）" in said
    assert "held" not in said
    with hold(tmp_path / "shequn.db"):
        pass


def test_one_folder_has_room_for_the_bot_and_its_sandbox(tmp_path: Path) -> None:
    with hold(tmp_path / "shequn.db"), hold(tmp_path / "sandbox.db"):
        pass


def test_a_killed_process_leaves_nothing_held(tmp_path: Path) -> None:
    database = tmp_path / "shequn.db"
    assert "held" in another(database, end="os.kill(os.getpid(), 9)")
    with hold(database):
        pass


def test_a_place_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="不是文件夹"), hold(tmp_path / "file" / "shequn.db"):
        pass


def test_what_the_disk_says_becomes_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"a\.db：磁盘满了"), in_plain_words(tmp_path / "a.db"):
        raise OSError(28, "No space left on device")
