"""Test: a bot that dies at a chosen step, in a process of its own, and a far side whose memory outlives it."""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import re
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import bot.build
from bot.actions import Action, RemoveMember, SendImage
from bot.clock import ManualClock
from bot.plugin import Plugin
from bot.settings import Settings
from bot.storage import driver, engine
from bot.storage.outbox import decode, encode
from bot.texts import load_texts
from bot.transport import Receipt
from tests.engine.stage import CONFIG, FarSide, settings_of
from tests.stores import fresh_file

DOUBT = "不确定有没有发出"
_TABLE = re.compile(r'\b(?:INTO|UPDATE|FROM)\s+"?(\w+)')


@dataclasses.dataclass
class Steps:
    """Counts the points at which a process can die, and dies at the one chosen."""

    fatal: int = -1
    count: int = 0
    counting: bool = False
    names: list[str] = dataclasses.field(default_factory=list)
    """Of every point passed, in order."""
    wanted: frozenset[str] = frozenset()
    """Names at the first of which it dies, too."""
    note: Path | None = None
    """Where the name of the point is left at which the process died."""

    def pass_by(self, name: str = "") -> None:
        if not self.counting:
            return
        if self.count == self.fatal or name in self.wanted:
            if self.note is not None:
                self.note.write_text(name, encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1
        self.names.append(name)


def spoken(action: Action) -> list[str]:
    """What an action is, wherever it is written down: its kind, its place, and what was said or who was meant."""
    what = action.name if isinstance(action, SendImage) else getattr(action, "text", "")
    if isinstance(action, RemoveMember):
        what = action.member.id
    return [encode(action)[0], f"{action.group}>{getattr(action, 'to', '')}", what]


def spoken_in(kind: str, payload: str) -> list[str]:
    """The same of a row of the outbox."""
    return spoken(decode(kind, json.loads(payload)))


@dataclasses.dataclass
class WrittenDown(FarSide):
    """A far side whose memory outlives the process that speaks to it."""

    log: Path = Path()
    steps: Steps = dataclasses.field(default_factory=Steps)

    async def perform(self, action: Action) -> Receipt:
        self.steps.pass_by(f"before {encode(action)[0]}")
        with self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(spoken(action), ensure_ascii=False) + "\n")
        self.steps.pass_by(f"after {encode(action)[0]}")
        return Receipt(f"sent-{os.getpid()}-{self.steps.count}")

    async def is_member(self, group: str, member: str) -> bool | None:
        return ["remove", f"{group}>", member] not in far_log(self.log)


def far_log(path: Path) -> list[list[str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class WrittenClock(ManualClock):
    """Time that goes on where the last process left it."""

    def __init__(self, start: datetime, file: Path) -> None:
        super().__init__(datetime.fromisoformat(file.read_text()) if file.exists() else start)
        self._file = file

    def set(self, now: datetime) -> None:
        super().set(now)
        self._file.write_text(self.now().isoformat())


def watch(steps: Steps) -> None:
    """Every statement is a step: the process may die before it, so also after the one before; and after a commit."""

    def stepping(run: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(connection: Any, operation: str, parameters: Any) -> Any:
            name = named(operation)
            steps.pass_by(f"before {name}")
            result = run(connection, operation, parameters)
            if name == "COMMIT":
                steps.pass_by(f"after {name}")
            return result

        return stepped

    driver._execute = stepping(driver._execute)
    driver._execute_many = stepping(driver._execute_many)


def named(operation: str) -> str:
    """A statement's verb and table."""
    table = _TABLE.search(operation)
    return f"{operation.split(None, 1)[0]} {table[1]}" if table else operation.split(None, 1)[0]


def settle_in() -> None:
    """What every process would find out again: the file is in its last form, the texts and settings are these.

    A kill -9 leaves what was written to the operating system, so nobody waits for the disk.
    """
    texts = load_texts(CONFIG / "texts")
    bot.build.migrate = lambda database, plugins: []
    bot.build.load_texts = lambda folder: texts
    engine.WRITER_PRAGMAS = tuple(p.replace("synchronous=FULL", "synchronous=OFF") for p in engine.WRITER_PRAGMAS)
    fresh_file()
    # A collection in the child would write to, and so copy, every page it shares with its parent.
    gc.collect()
    gc.freeze()
    gc.disable()


@cache
def _quick(plugins: tuple[Plugin[Any], ...], values: tuple[tuple[str, Any], ...]) -> Settings:
    return settings_of(plugins, pacing__gap="0s", pacing__jitter="0s", pacing__group_gap="0s", **dict(values))


def quick(plugins: Sequence[Plugin[Any]], values: Mapping[str, Any]) -> Settings:
    """Settings that a process inherits; sends wait for nothing."""
    return _quick(tuple(plugins), tuple(values.items()))


def in_child(work: Callable[[], None]) -> int:
    """Do it in a process of its own; returns how it ended."""
    child = start_child(work)
    return os.waitpid(child, 0)[1]


def start_child(work: Callable[[], None]) -> int:
    """Fork a process that does it and exits; returns its id."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001  the child must not go on as its parent
            traceback.print_exc()
            os._exit(1)
        sys.stdout.flush()
        os._exit(0)
    return child


def prepare(folder: Path) -> None:
    """A folder with a new database and a far side that has heard nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.is_file():
            old.unlink()
    (folder / "shequn.db").write_bytes(fresh_file())
    (folder / "far.log").touch()
