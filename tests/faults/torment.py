"""Test: a story told to a real bot on a real file that is killed again and again until it has come to the end.

Run as `python -m tests.faults.torment FOLDER WORKER WORKERS KILLS`: about KILLS processes over all stories die at their
steps, evenly spread; each goes on from the file that the one before left. What went wrong is printed.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.build import build_app
from tests.engine.stage import CONFIG, START
from tests.faults.dying import (
    DOUBT,
    Steps,
    WrittenClock,
    WrittenDown,
    far_log,
    in_child,
    prepare,
    quick,
    settle_in,
    spoken_in,
    watch,
)
from tests.faults.stories import STORIES, Story

Known = tuple[Counter[tuple[str, ...]], dict[str, list[str]]]
STRIDE = 60
"""Steps a process lives: enough to come back (about 25) and to get a little further."""
STEP = 7
PATIENCE = 40
"""Deaths after which one telling is left in peace."""


async def tell(story: Story, folder: Path, steps: Steps) -> None:
    """The story from where the last process left it; the line it died in comes again, as from a gateway."""
    clock = WrittenClock(START, folder / "clock")
    far = WrittenDown(clock=clock, log=folder / "far.log", steps=steps)
    done = folder / "done"
    told = int(done.read_text()) if done.exists() else 0
    settings = quick(story.plugins, story.settings)
    database = folder / "shequn.db"
    app = await build_app(
        settings,
        transport=far,
        clock=clock,
        database=database,
        plugins=story.plugins,
        seed="seed",
        config_dir=CONFIG,
    )
    steps.counting = True
    await app.start()
    for number, (minutes, event) in enumerate(story.lines):
        if number < told:
            continue
        await app.advance(START + timedelta(minutes=minutes))
        await app.handle(event)
        await app.settle()
        done.write_text(str(number + 1))
    await app.advance(START + timedelta(minutes=story.minutes))
    steps.counting = False
    await app.stop()


def found_in(story: Story, folder: Path) -> Known:
    """What was said, and the rows of the story's tables."""
    said = Counter(tuple(line) for line in far_log(folder / "far.log") if DOUBT not in line[2])
    with closing(sqlite3.connect(folder / "shequn.db")) as db:
        tables = {name: sorted(map(str, db.execute(f"SELECT {name}"))) for name in map(_asked, story.tables)}
    return said, tables


def _asked(table: str) -> str:
    return table if " FROM " in table else f"* FROM {table}"


def problems(story: Story, folder: Path, known: Known, kills: int) -> Iterator[str]:
    """What is not as it is when nobody disturbs the story."""
    said, tables = found_in(story, folder)
    wanted, rows = known
    with closing(sqlite3.connect(folder / "shequn.db")) as db:
        uncertain = db.execute("SELECT kind, payload FROM outbox WHERE state = 'unknown'")
        unsure = [tuple(spoken_in(*row)) for row in uncertain]
        open_rows = db.execute("SELECT count(*) FROM outbox WHERE state IN ('waiting','sending','verifying')")
        waiting = open_rows.fetchone()[0]
        sound = db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    doubtful = Counter(unsure)
    for line, times in wanted.items():
        if said[line] > times and line[0] != "remove":
            yield f"doubled: {line}"
        if said[line] + doubtful[line] < times:
            yield f"lost: {line}"
    yield from (f"nobody asked for {line}" for line in said if line not in wanted)
    for name in rows:
        if tables[name] != rows[name]:
            yield f"table {name}: {Counter(tables[name]) - Counter(rows[name])} for "
            yield f"{Counter(rows[name]) - Counter(tables[name])}"
    if len(unsure) > kills:
        yield f"{len(unsure)} uncertain after {kills} kills"
    if waiting:
        yield f"{waiting} rows are still to be sent"
    if not sound:
        yield "the file is damaged"
    yield from _hidden(folder, unsure)


def _hidden(folder: Path, unsure: list[tuple[str, ...]]) -> Iterator[str]:
    """An uncertain send of which no admin was told, once: a notice itself may be the uncertain one."""
    notices = Counter(line[2] for line in far_log(folder / "far.log") if DOUBT in line[2])
    asked = sum(notices.values()) + sum(line[0] == "notify_admins" and DOUBT in line[2] for line in unsure)
    due = sum(line[0] != "notify_admins" for line in unsure)
    if asked < due:
        yield f"{due} uncertain, {asked} told to the admins"
    if sum(notices.values()) > due:
        yield f"{due} uncertain, but these notices: {notices}"


def _watched(story: Story, folder: Path, steps: Steps) -> None:
    watch(steps)
    asyncio.run(tell(story, folder, steps))
    (folder / "names").write_text("\n".join(steps.names), encoding="utf-8")


def undisturbed(story: Story, folder: Path) -> tuple[Known, list[str]]:
    """What the story leaves by itself, and the names of the points at which it can die."""
    prepare(folder)
    if in_child(partial(_watched, story, folder, Steps())):
        sys.stdout.write(f"{story.name}: does not even work undisturbed\n")
    return found_in(story, folder), (folder / "names").read_text(encoding="utf-8").splitlines()


def once(story: Story, folder: Path, known: Known, first: int, wanted: set[str]) -> int:
    """One telling, the first process dying at the step `first`; returns how many died.

    wanted: points at which none has died yet; they are taken off as they are met.
    """
    prepare(folder)
    kills, fatal, last = 0, first, ""
    while True:
        steps = Steps(fatal if kills < PATIENCE else -1, note=folder / "died")
        if kills < PATIENCE:
            steps.wanted = frozenset(wanted)
        status = in_child(partial(_watched, story, folder, steps))
        if not os.WIFSIGNALED(status):
            break
        kills += 1
        name = (folder / "died").read_text(encoding="utf-8")
        # Whoever dies before the same commit again and again would never come further.
        fatal, last = fatal + STEP if name == last else STRIDE, name
        wanted.discard(name)
        sys.stdout.write(f"killed {story.name} {name}\n")
    if status:
        sys.stdout.write(f"{story.name} from {first}: did not come back\n")
    for problem in problems(story, folder, known, kills):
        sys.stdout.write(f"{story.name} from {first} after {kills} kills: {problem}\n")
    return kills


def main(folder: Path, worker: int, workers: int, kills: int) -> None:
    settle_in()
    mine = [story for no, story in enumerate(STORIES) if no % workers == worker]
    share = kills // len(STORIES)
    for story in mine:
        quick(story.plugins, story.settings)
        known, names = undisturbed(story, folder)
        wanted = set(names)
        for name in sorted(wanted):
            sys.stdout.write(f"can die {story.name} {name}\n")
        died, first = 0, 0
        while died < share:
            died += once(story, folder, known, first % len(names), wanted)
            first += 7


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
