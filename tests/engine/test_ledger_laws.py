"""Test: the ledger under everything at once: any operations, at the same time, with kills in between.

A long run of a million: `SHEQUN_LEDGER_OPERATIONS=1000000 pytest tests/engine/test_ledger_laws.py`.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from bot.storage.ledger import close_day
from bot.storage.tables import transfers
from bot.storage.work import Work
from tests import stores
from tests.engine.test_ledger import on, open_ledger

PEOPLE = ("w", "l", "c")
OPERATIONS = int(os.environ.get("SHEQUN_LEDGER_OPERATIONS", "20000"))
STEPS = 10
BATCH = max(200, OPERATIONS // 400)


@pytest.fixture(autouse=True)
def no_hanging() -> Iterator[None]:
    """In the place of the folder's own: this may take longer, but not for ever."""

    def ring(_number: int, _frame: Any) -> None:
        raise TimeoutError("the ledger's laws have run for much too long")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(60 + OPERATIONS // 200)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@dataclass(frozen=True)
class Deed:
    """One operation; `points` 0 takes back what was posted under `key`; `fails`: its unit raises after the ledger."""

    member: str
    points: int
    key: str
    fails: bool = False

    async def do(self, work: Work) -> bool:
        ledger = on(work)
        done = await (
            ledger.post(self.member, self.points, "x", self.key) if self.points else ledger.reverse(self.key, "x")
        )
        if self.fails:
            raise KeyError(self.key)
        return done


@dataclass
class Model:
    """What the ledger must be, in two dictionaries."""

    posted: dict[str, tuple[str, int]] = field(default_factory=dict)
    balances: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PEOPLE, 0))

    def do(self, deed: Deed) -> bool | type[Exception]:
        member, points, key = deed.member, deed.points, deed.key
        if not points:
            if key not in self.posted:
                return LookupError
            member, points, key = self.posted[key][0], -self.posted[key][1], f"reverse:{key}"
        if key in self.posted:
            return KeyError if deed.fails else False
        if self.balances[member] + points < 0:
            return ValueError
        if deed.fails:
            return KeyError
        self.posted[key] = (member, points)
        self.balances[member] += points
        return True


def deeds(random: Random, count: int) -> list[Deed]:
    """Anything people and plugins may try: new keys, old keys, too much, taking back, failing afterwards."""
    made: list[Deed] = []
    for _ in range(count):
        key = f"k{random.randrange(count * STEPS)}"
        points = random.choice((0, random.randint(1, 50), random.randint(1, 50), -random.randint(1, 40)))
        made.append(Deed(random.choice(PEOPLE), points, key, fails=random.random() < 0.002))
    return made


class LedgerMachine(RuleBasedStateMachine):
    """Batches of operations at the same time, some with a kill in the middle, against two dictionaries."""

    batch = BATCH

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "ledger.db"
        self.runner = asyncio.Runner()
        self.writer = self.runner.run(open_ledger(Path(self.folder.name)))
        self.model = Model()
        self.days = 0

    @rule(seed=st.integers(0, 2**32))
    def at_once(self, seed: int) -> None:
        made = deeds(Random(seed), self.batch)  # noqa: S311
        outcomes = self.runner.run(self._at_once(made))
        for deed, outcome in zip(made, outcomes, strict=True):
            expected = self.model.do(deed)
            assert outcome is expected if isinstance(expected, bool) else isinstance(outcome, expected), deed

    async def _at_once(self, made: list[Deed]) -> list[Any]:
        return await asyncio.gather(*(self.writer.submit(deed.do) for deed in made), return_exceptions=True)

    @rule(seed=st.integers(0, 2**32), after=st.floats(0, 1))
    def at_once_and_die(self, seed: int, after: float) -> None:
        """What was acknowledged is on disk; of the rest, a beginning in order and nothing else."""
        made = deeds(Random(seed), self.batch)  # noqa: S311
        acknowledged = self.runner.run(self._die(made, int(after * (self.batch - 1))))
        found = self.runner.run(self._keys())
        for place, deed in enumerate([*made, None]):
            if place >= acknowledged and len(found) == len(self.model.posted) and found == set(self.model.posted):
                return
            if deed is not None:
                self.model.do(deed)
        pytest.fail("what is on disk is not a beginning of what was asked for")

    async def _die(self, made: list[Deed], after: int) -> int:
        futures = [self.writer.submit(deed.do) for deed in made]
        await asyncio.wait([futures[after]])
        await self.writer.kill()
        answered = [future.done() and not future.cancelled() for future in futures]
        for future, known in zip(futures, answered, strict=True):
            if known:
                future.exception()
        self.writer = stores.writer_at(self.path)
        await self.writer.start()
        return answered.index(False) if False in answered else len(answered)

    async def _keys(self) -> set[str]:
        return {row[0] for row in await self.writer.run(lambda work: work.execute(select(transfers.c.key)))}

    @rule()
    def end_the_day(self) -> None:
        self.days += 1
        day = f"2026-01-{self.days:02}"
        self.runner.run(self._do(lambda work: close_day(work, day, "2026-01-05")))

    async def _do(self, unit: Any) -> Any:
        return await self.writer.run(unit)

    @invariant()
    def the_file_is_true(self) -> None:
        async def ask(work: Work) -> dict[str, int]:
            return {who: await on(work).balance(who) for who in PEOPLE}

        assert self.runner.run(self._do(ask)) == self.model.balances
        assert min(self.model.balances.values()) >= 0
        found = stores.audit_at(self.path)
        assert found.problems == ()
        assert (found.total, found.transfers) == (0, len(self.model.posted))
        assert found.issued == sum(self.model.balances.values())

    def teardown(self) -> None:
        self.runner.run(self.writer.stop())
        self.runner.close()
        self.folder.cleanup()


LedgerMachine.TestCase.settings = settings(
    max_examples=-(-OPERATIONS // (BATCH * STEPS)),
    stateful_step_count=STEPS + STEPS // 2,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestLedgerLaws = LedgerMachine.TestCase


class ServedMachine(LedgerMachine):
    """The same on a server, where each operation is a trip."""

    batch = 60


ServedMachine.TestCase.settings = settings(LedgerMachine.TestCase.settings, max_examples=2)


@pytest.mark.usefixtures("on_server")
class TestLedgerLawsOnAServer(ServedMachine.TestCase):  # type: ignore[misc,name-defined]
    """What the state machine finds there."""
