"""Test: a bot with its hands full is killed at any moment, by somebody else, again and again.

Run as `python -m tests.faults.load_story FOLDER WORKER WORKERS KILLS`; what went wrong is printed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from select import select
from time import monotonic

from bot.app import App
from bot.build import build_app
from bot.clock import Clock, ManualClock, SystemClock
from bot.events import Event, MessageReceived, RosterSeen
from bot.model import Member
from bot.transport import Deliver
from tests.engine.stage import BOT, CONFIG, OWNER, parrot
from tests.faults.dying import WrittenDown, far_log, in_child, prepare, quick, settle_in, start_child

PLUGINS = (parrot(),)
GROUPS, BURST, ANSWERED = 5, 400, 20
PATIENCE = 60.0
"""Seconds in which a process has come back and taken its burst, on whatever machine."""


def burst(number: int) -> list[MessageReceived]:
    """What arrives in one process's life; some want an answer, each for the first time."""
    now = datetime.now(UTC)
    talk = [(f"g{no % GROUPS}", f"m{no % 50}", f"第 {no} 句") for no in range(BURST)]
    for no in range(0, BURST, ANSWERED):
        talk[no] = (f"g{no // ANSWERED % GROUPS}", f"a{number}-{no}", f"say {number}-{no}")
    return [
        MessageReceived(id=f"{number}-{no}", at=now, group=group, sender=Member(who, f"群友{who}"), text=text)
        for no, (group, who, text) in enumerate(talk)
    ]


class Flood(WrittenDown):
    """Delivers a burst and writes down what the bot has taken for good."""

    events: list[Event]

    async def run(self, deliver: Deliver) -> None:
        for event in self.events:
            await deliver(event)
        await asyncio.Event().wait()


async def _app(folder: Path, far: WrittenDown, clock: Clock) -> App:
    settings = quick(PLUGINS, {"pacing__per_minute": 600})
    database = folder / "shequn.db"
    app = await build_app(
        settings, transport=far, clock=clock, database=database, plugins=PLUGINS, seed="seed", config_dir=CONFIG
    )
    await app.start()
    return app


async def live(folder: Path, number: int) -> None:
    """Until killed. What is on disk is told to the file `taken` the moment the bot says so."""
    far = Flood(log=folder / "far.log")
    far.events = list(burst(number))
    app = await _app(folder, far, SystemClock())
    with (folder / "taken").open("ab", buffering=0) as taken:
        app.reception.finished = lambda event: taken.write(f"{event.id}\n".encode())
        await app.run()


async def finish(folder: Path, bursts: int) -> None:
    """Everything comes again, as from a gateway that was never answered; then there is time to send it all."""
    clock = ManualClock(datetime.now(UTC) + timedelta(minutes=1))
    app = await _app(folder, WrittenDown(clock=clock, log=folder / "far.log"), clock)
    for number in range(bursts):
        await asyncio.gather(*(app.handle(event) for event in burst(number)))
    await app.advance(clock.now() + timedelta(hours=5))
    await app.stop()


async def begin(folder: Path) -> None:
    clock = ManualClock(datetime.now(UTC))
    app = await _app(folder, WrittenDown(clock=clock, log=folder / "far.log"), clock)
    for no in range(GROUPS):
        everybody = (OWNER, BOT, *(Member(f"m{each}", f"群友{each}") for each in range(50)))
        await app.handle(RosterSeen(id=f"roster{no}", at=clock.now(), group=f"g{no}", members=everybody))
    await app.stop()


def _kept(folder: Path) -> Counter[str]:
    with closing(sqlite3.connect(folder / "shequn.db")) as db:
        return Counter(row[0] for row in db.execute("SELECT id FROM messages WHERE kind <> 'own'"))


def _lost(folder: Path, names: set[str]) -> list[str]:
    """Those of the messages that are not on disk."""
    with closing(sqlite3.connect(folder / "shequn.db")) as db:
        return [name for name in sorted(names) if not db.execute(_IS_KEPT, (name,)).fetchone()]


_IS_KEPT = "SELECT 1 FROM messages WHERE id = ?"


def _taken(folder: Path) -> set[str]:
    return set((folder / "taken").read_text().split())


def problems(folder: Path, kills: int) -> Iterator[str]:
    wanted = {event.id for number in range(kills) for event in burst(number)}
    kept = _kept(folder)
    if missing := wanted - set(kept):
        yield f"{len(missing)} messages are lost"
    if twice := [name for name, times in kept.items() if times > 1]:
        yield f"kept twice: {twice[:5]}"
    said = Counter(what for kind, _, what in far_log(folder / "far.log") if kind == "say")
    if twice := [what for what, times in said.items() if times > 1]:
        yield f"said twice: {twice[:5]}"
    with closing(sqlite3.connect(folder / "shequn.db")) as db:
        states = Counter(row[0] for row in db.execute("SELECT state FROM outbox WHERE kind = 'say'"))
    answers = kills * BURST // ANSWERED
    if states["done"] + states["unknown"] != answers or len(said) + states["unknown"] < answers:
        yield f"{answers} answers wanted, {len(said)} said, {dict(states)}"
    if states["unknown"] > kills:
        yield f"{states['unknown']} uncertain after {kills} kills"


def main(folder: Path, worker: int, workers: int, kills: int) -> None:
    settle_in()
    prepare(folder)
    (folder / "taken").touch()
    chance = Random(worker)  # noqa: S311
    mine = len(range(worker, kills, workers))
    if in_child(lambda: asyncio.run(begin(folder))):
        sys.stdout.write("load: does not even work undisturbed\n")
    longest, taken = PATIENCE, set[str]()
    for number in range(mine):
        began = monotonic()
        until = began + longest * (chance.random() if number else 1)
        child = start_child(partial(_live, folder, number))
        while (left := until - monotonic()) > 0 and (number or len(_taken(folder)) < BURST):
            select([], [], [], left if number else 0.01)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if not number:
            longest = monotonic() - began
        if lost := _lost(folder, _taken(folder) - taken):
            sys.stdout.write(f"load {number}: {len(lost)} taken and lost: {lost[:5]}\n")
        taken = _taken(folder)
        sys.stdout.write(f"killed load {number}\n")
    if in_child(lambda: asyncio.run(finish(folder, mine))):
        sys.stdout.write("load: did not come back\n")
    for problem in problems(folder, mine):
        sys.stdout.write(f"load: {problem}\n")
    sys.stdout.write(f"taken {len(taken)} of {mine * BURST} before the end\n")


def _live(folder: Path, number: int) -> None:
    asyncio.run(live(folder, number))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
