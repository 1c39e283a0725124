"""Test: kill -9 at every named point of the reference stories, and at any moment under load: nothing lost, nothing
doubled, what is uncertain is told. A thousand kills; `KILLS=20000 pytest tests/faults/test_kills.py` for the long run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.worker import shares

pytestmark = [pytest.mark.faults, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
KILLS = max(int(os.environ.get("KILLS", "1000")), 1000)


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What all the killing has brought to light."""
    folder = tmp_path_factory.mktemp("kills")
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker", str(folder), str(number), str(WORKERS), str(KILLS)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        for number in range(WORKERS)
    ]
    found = [line for worker in workers for line in worker.communicate()[0].splitlines()]
    assert [worker.returncode for worker in workers] == [0] * WORKERS, found[-20:]
    return found


def test_nothing_is_lost_or_doubled_and_doubt_is_told(lines: list[str]) -> None:
    assert [line for line in lines if not line.startswith(("killed ", "can die ", "taken "))] == []


def test_it_was_killed_as_often_as_it_should(lines: list[str]) -> None:
    killed = Counter(line.split()[1] for line in lines if line.startswith("killed "))
    assert killed.total() >= KILLS
    for part in ("load", "lottery", "migration"):
        assert killed[part] >= shares(KILLS)[part]
    for story in ("moderation", "welcome", "reward", "brief"):
        assert killed[story] >= shares(KILLS)["stories"] // 4


def test_every_named_point_has_been_died_at(lines: list[str]) -> None:
    """Before each kind of statement, before and after each commit, before and after each call to the far side."""
    named = {line.removeprefix("can die ") for line in lines if line.startswith("can die ")}
    died = {line.removeprefix("killed ") for line in lines if line.startswith("killed ")}
    assert len(named) > 100
    assert named - died == set()


def test_the_load_was_one(lines: list[str]) -> None:
    """A part of what came was on disk before its process died, a part was not."""
    for line in lines:
        if line.startswith("taken "):
            taken, came = int(line.split()[1]), int(line.split()[3])
            assert 0 < taken < came
