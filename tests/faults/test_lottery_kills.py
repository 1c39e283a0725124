"""Test: a real process on a real file, killed at more than a hundred steps of one lottery: one draw, one posting."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
KILLS = int(os.environ.get("KILLS", "104"))
"""Spread over the whole story; the long run dies at each step (`KILLS=0 pytest tests/faults/test_lottery_kills.py`)."""


def test_killed_anywhere_it_is_one_lottery(tmp_path: Path) -> None:
    """Create, enter, close, draw, announce, redraw and claim, each cut off before or after any of their statements."""
    told = [sys.executable, "-m", "tests.faults.lottery_story"]
    workers = [
        subprocess.Popen(
            [*told, str(tmp_path / str(no)), str(no), str(WORKERS), str(KILLS)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        for no in range(WORKERS)
    ]
    lines = [line for worker in workers for line in worker.communicate()[0].splitlines()]
    assert [line for line in lines if not line.startswith("killed")] == []
    assert len(lines) >= 100
    assert all(worker.returncode == 0 for worker in workers)
