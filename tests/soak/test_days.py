"""Test: days of many groups: nothing grows but what is kept, and what is kept is what retention says.

Two days of thirty groups; `SOAK=3x300x500 pytest tests/soak` for three days of 300 groups with 500 messages each,
`SOAK=30x300x500` for thirty.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
DAYS, GROUPS, MESSAGES = (int(number) for number in os.environ.get("SOAK", "2x30x150").split("x"))
KEPT_DAYS = 1
MOST_GROWTH_MB, MOST_GROWTH = 20, 0.05
MOST_WAL_MB = 64


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, float]]:
    """Figures of each day, lived by a process of its own; the first day is the warm-up."""
    numbers = (DAYS, GROUPS, MESSAGES, KEPT_DAYS)
    folder = tmp_path_factory.mktemp("soak")
    told = subprocess.run(
        [sys.executable, "-m", "tests.soak.days", str(folder), *map(str, numbers)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert told.returncode == 0, told.stderr[-3000:]
    sys.stdout.write(told.stdout)
    assert "Traceback" not in told.stderr, told.stderr[-3000:]
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_it_lives_as_long_as_it_should(days: list[dict[str, float]]) -> None:
    assert len(days) == DAYS >= 2
    assert days[-1]["said"] > 0.9 * DAYS * GROUPS * MESSAGES


def test_memory_is_what_it_was_after_the_first_day(days: list[dict[str, float]]) -> None:
    warm, last = days[0]["rss_mb"], days[-1]["rss_mb"]
    assert last - warm < max(MOST_GROWTH_MB, warm * MOST_GROWTH)


def test_tasks_and_descriptors_are_as_many_as_they_were(days: list[dict[str, float]]) -> None:
    assert {(day["tasks"], day["descriptors"]) for day in days[1:]} == {(days[0]["tasks"], days[0]["descriptors"])}
    # The pool for slow work opens its few threads one by one.
    assert max(day["threads"] for day in days) <= 8 + (os.cpu_count() or 1)


def test_the_log_beside_the_file_stays_small(days: list[dict[str, float]]) -> None:
    assert max(day["wal_mb"] for day in days) < MOST_WAL_MB


def test_the_archive_holds_what_retention_says(days: list[dict[str, float]]) -> None:
    for before, day in zip([{"said": 0.0}, *days], days, strict=False):
        assert day["said"] - before["said"] <= day["kept"] <= 1.03 * (day["said"] - before["said"]) + 5


def test_nothing_is_left_to_be_sent(days: list[dict[str, float]]) -> None:
    assert days[-1]["waiting"] == 0
