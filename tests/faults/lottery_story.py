"""Test: one lottery from its start to a redraw, told to a real bot on a real file, that dies at a chosen step.

Run as `python -m tests.faults.lottery_story FOLDER WORKER WORKERS KILLS`: at KILLS steps it
forks a process that kills itself there, and a second one that goes on from the file; what went wrong is printed.
"""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app import App
from bot.build import build_app
from bot.cli.lottery import differences, read_proof
from bot.clock import ManualClock
from bot.events import MessageReceived, RosterSeen
from bot.model import Member
from plugins.lottery import plugin as lottery
from plugins.points import plugin as points
from tests.engine.stage import ADMIN, BOT, CONFIG, OWNER, START
from tests.faults.dying import DOUBT, Steps, WrittenDown, far_log, in_child, prepare, quick, settle_in, watch

CROWD = tuple(Member(f"wxid_{no}", f"群友{no}") for no in range(4))
PLUGINS = (lottery, points)
COST, PRIZE = 5, 7
STORY: tuple[tuple[float, str, Member], ...] = (
    *((0, f"/加分 @{member.name} {COST}", ADMIN) for member in CROWD),
    (1, f"/抽奖 书 x1、{PRIZE}积分 x1 10分钟 每次{COST}积分 2小时内领奖", ADMIN),
    *((2 + no / 2, "参与", member) for no, member in enumerate(CROWD)),
    (5, "参与", CROWD[0]),
    (30, "/重抽 L1 @WINNER", ADMIN),
    (40, "/领奖 L1 @HEIR", ADMIN),
)
"""Minutes after the start, what is said, and by whom. The draw comes by the clock, ten minutes after the start."""
SAID_ONCE = ("🎁 抽奖 L1", "🔒 L1", "🎉 L1 开奖啦", "🔍 L1", "🔁 L1", "已登记领奖")


async def tell(folder: Path, steps: Steps, names: dict[str, str]) -> None:
    """The whole story with the ids it always has; what the file knows already is not done again."""
    clock = ManualClock(START)
    far = WrittenDown(clock=clock, log=folder / "far.log", steps=steps)
    database = folder / "shequn.db"
    app = await build_app(
        quick(PLUGINS, {}),
        transport=far,
        clock=clock,
        database=database,
        plugins=PLUGINS,
        seed="seed",
        config_dir=CONFIG,
    )
    await app.start()
    await _people(app)
    steps.counting = True
    for number, (minutes, text, by) in enumerate(STORY):
        await app.advance(START + timedelta(minutes=minutes))
        said = re.sub("WINNER|HEIR", lambda found: names.get(found[0], "谁"), text)
        at = START + timedelta(minutes=minutes)
        await app.handle(MessageReceived(id=f"m{number}", at=at, group="g1", sender=by, text=said))
        await app.settle()
    await app.advance(START + timedelta(hours=4))
    steps.counting = False
    await app.stop()


async def _people(app: App) -> None:
    everybody = (OWNER, ADMIN, *CROWD, BOT)
    await app.handle(RosterSeen(id="roster", at=START, group="g1", members=everybody, topic="读书群"))


def faults(folder: Path) -> list[str]:
    """What is not as it must be, whatever happened on the way."""
    with closing(sqlite3.connect(folder / "shequn.db")) as db:
        found = list(_faults_in(db))
        unsure = [row[0] for row in db.execute("SELECT payload FROM outbox WHERE state = 'unknown'")]
    spoken = far_log(folder / "far.log")
    texts = [what for kind, _, what in spoken if kind == "say" and DOUBT not in what]
    for head in SAID_ONCE:
        times = sum(head in text for text in texts)
        doubtful = sum(head in payload for payload in unsure)
        if times > 1 or times + doubtful < 1:
            found.append(f"“{head}” was said {times} times, {doubtful} uncertain")
    files = sum(kind == "image" for kind, *_ in spoken)
    if files > 2 or files + sum("L1.json" in payload for payload in unsure) < 2:
        found.append(f"{files} files were sent")
    return found


def _faults_in(db: sqlite3.Connection) -> Any:
    state, proof = db.execute("SELECT state, proof FROM lottery_lotteries").fetchone()
    lotteries = db.execute("SELECT count(*) FROM lottery_lotteries").fetchone()[0]
    if (lotteries, state) != (1, "drawn"):
        yield f"{lotteries} lotteries, {state}"
    seats = Counter(row[0] for row in db.execute("SELECT state FROM lottery_seats"))
    if seats != {"claimed": 2, "void": 1}:
        yield f"seats {dict(seats)}"
    if problems := list(differences(read_proof(proof))):
        yield f"proof {problems}"
    if len(read_proof(proof)["redraws"]) != 1:
        yield "not one redraw"
    keys = [row[0] for row in db.execute("SELECT key FROM transfers WHERE key LIKE 'lottery%'")]
    paid = sum(key.startswith("lottery:L1:") for key in keys)
    won = sum(key.startswith("lottery-prize:L1:") for key in keys)
    if (paid, won, len(keys)) != (len(CROWD), 1, len(CROWD) + 1):
        yield f"postings {sorted(keys)}"
    if db.execute("SELECT sum(points) FROM postings").fetchone()[0] != 0:
        yield "the ledger does not sum to zero"
    if db.execute("SELECT count(*) FROM timers").fetchone()[0]:
        yield "a timer is left"


def names_in(folder: Path) -> dict[str, str]:
    """Who will hold the book at first, and who inherits it: the same in every telling."""
    with closing(sqlite3.connect(folder / "shequn.db")) as db:
        rows = db.execute("SELECT state, name FROM lottery_seats WHERE tier = 0 ORDER BY id").fetchall()
    return {"WINNER": rows[0][1], "HEIR": rows[-1][1]}


def main(folder: Path, worker: int, workers: int, kills: int) -> None:
    names: dict[str, str] = {}
    settle_in()
    quick(PLUGINS, {})
    for _ in range(3):
        prepare(folder)
        in_child(lambda names=names: _whole(folder, names))
        names = names_in(folder)
    total = int((folder / "steps").read_text(encoding="utf-8"))
    if problems := faults(folder):
        sys.stdout.write(f"lottery undisturbed: {problems}\n")
    for fatal in [total * no // kills for no in range(kills)][worker::workers]:
        prepare(folder)
        died = in_child(lambda fatal=fatal: _watched(folder, Steps(fatal), names))
        if not os.WIFSIGNALED(died):
            sys.stdout.write(f"lottery {fatal}: did not die\n")
        if in_child(lambda: _watched(folder, Steps(), names)):
            sys.stdout.write(f"lottery {fatal}: did not come back\n")
        elif problems := faults(folder):
            sys.stdout.write(f"lottery {fatal}: {problems}\n")
        sys.stdout.write(f"killed lottery {fatal}/{total}\n")


def _watched(folder: Path, steps: Steps, names: dict[str, str]) -> None:
    watch(steps)
    asyncio.run(tell(folder, steps, names))


def _whole(folder: Path, names: dict[str, str]) -> None:
    steps = Steps()
    _watched(folder, steps, names)
    (folder / "steps").write_text(str(steps.count), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
