"""Test: one of the processes that kill: all the stories, one after the other, each in a process of its own.

Run as `python -m tests.faults.worker FOLDER WORKER WORKERS KILLS`; what was killed and what went wrong is printed.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from tests.faults import load_story, lottery_story, migration_story, torment
from tests.faults.dying import in_child


def shares(kills: int) -> dict[str, int]:
    """How many of the kills each part makes."""
    load, lottery, migration = kills // 5, kills // 10, kills // 25
    return {"load": load, "lottery": lottery, "migration": migration, "stories": kills - load - lottery - migration}


PARTS = {"load": load_story, "lottery": lottery_story, "migration": migration_story, "stories": torment}


def main(folder: Path, worker: int, workers: int, kills: int) -> None:
    for name, share in shares(kills).items():
        status = in_child(partial(PARTS[name].main, folder / f"{name}{worker}", worker, workers, share))
        if status:
            sys.stdout.write(f"{name}: the killer itself ended with {status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
