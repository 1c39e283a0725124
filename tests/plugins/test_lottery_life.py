"""Test: one lottery on a real bot and a real file, whatever people do: nobody twice, stock kept, late ones out."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select

from bot.actions import SendImage
from bot.bench.draw import ENTRANTS
from bot.cli.lottery import differences, read_proof, winners_now
from bot.events import MemberJoined
from bot.model import Member
from bot.storage.tables import postings, timers, transfers
from plugins.lottery import plugin as lottery
from plugins.lottery.draw import entrant_code
from plugins.lottery.tables import cards, entrants, lotteries, seats
from plugins.points import plugin as points
from tests.engine.stage import ADMIN, OWNER, Stage, running_app

PEOPLE = tuple(Member(f"wxid_{no}", f"群友{no}") for no in range(8))
who = st.sampled_from(PEOPLE)
LINES = (
    "/抽奖 书 x2、笔 x1 每次2积分 每人最多3份",
    "/抽奖 书 x1、全员书签 升级2积分",
    "/抽奖 5积分 x2、书 x1 至少2人",
    "/抽奖 书 x2 积分3 外部种子 群友数字",
)


class OneLottery(RuleBasedStateMachine):
    """Entries, tickets, comings and goings, draws, redraws, claims and crashes, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = TemporaryDirectory()
        self.inside = {member.id for member in PEOPLE}
        self.closed_with: set[str] | None = None
        self.claimed: set[str] = set()

    def do(self, work: Any) -> Any:
        return self.runner.run(work)

    @initialize(line=st.sampled_from(LINES))
    def start(self, line: str) -> None:
        app = running_app(Path(self.folder.name), lottery, points, members=(OWNER, ADMIN, *PEOPLE))
        self.stage: Stage = self.do(self.stack.enter_async_context(app))
        for member in PEOPLE[:6]:
            self.do(self.stage.say(f"/加分 @{member.name} 6", ADMIN))
        self.do(self.stage.say(line, ADMIN))

    def teardown(self) -> None:
        self.do(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()

    @rule(member=who, text=st.sampled_from(("参与", "参与", "参与 x2", "升级", "幸运数字 7")))
    def say(self, member: Member, text: str) -> None:
        if member.id in self.inside:
            self.do(self.stage.say(text, member))
            self._note_close()

    @rule(member=who)
    def leave_or_join(self, member: Member) -> None:
        if member.id in self.inside:
            self.inside.discard(member.id)
            self.do(self.stage.handle(self.stage.left(member)))
        else:
            self.inside.add(member.id)
            self.do(self.stage.handle(self.stage.joined(member)))

    @rule()
    def draw(self) -> None:
        self.do(self.stage.say("/开奖 L1", ADMIN))
        self._note_close()

    @precondition(lambda self: self.closed_with is not None)
    @rule()
    def redraw(self) -> None:
        self.do(self.stage.say("/重抽 L1", ADMIN))
        self.do(self.stage.say("确认", ADMIN))

    @precondition(lambda self: self.closed_with is not None)
    @rule(member=who)
    def claim(self, member: Member) -> None:
        self.do(self.stage.say(f"/领奖 L1 @{member.name}", ADMIN))

    @rule()
    def crash(self) -> None:
        self.do(self.stage.restart())

    def _note_close(self) -> None:
        row = self._row()
        if row["sealed_at"] and self.closed_with is None:
            self.closed_with = {one["member"] for one in self.do(self.stage.rows(entrants))}

    def _row(self) -> dict[str, Any]:
        return self.do(self.stage.rows(lotteries))[0]

    @invariant()
    def nobody_wins_twice_and_stock_is_kept(self) -> None:
        if not hasattr(self, "stage"):
            return
        row, held = self._row(), self.do(self.stage.rows(seats))
        assert len({seat["member"] for seat in held}) == len(held)
        now = Counter(seat["tier"] for seat in held if seat["state"] != "void")
        for tier, (_, stock) in enumerate(row["tiers"]):
            assert now[tier] <= stock
        if self.closed_with is None:
            assert not held
            return
        assert {seat["member"] for seat in held} <= self.closed_with
        assert {one["member"] for one in self.do(self.stage.rows(entrants))} == self.closed_with
        claimed = {seat["member"] for seat in held if seat["state"] == "claimed"}
        assert self.claimed <= claimed
        self.claimed = claimed

    @invariant()
    def the_proof_holds_and_names_those_who_hold_a_prize(self) -> None:
        if not hasattr(self, "stage") or not (row := self._row())["proof"]:
            return
        proof = read_proof(row["proof"])
        assert list(differences(proof)) == []
        held = self.do(self.stage.rows(seats))
        best = len(row["tiers"])
        mine = {(s["tier"], entrant_code("L1", s["member"])) for s in held if s["state"] != "void" and s["tier"] < best}
        assert set(winners_now(proof)) == mine

    @invariant()
    def points_add_up(self) -> None:
        if not hasattr(self, "stage"):
            return
        sums = select(postings.c.account, func.sum(postings.c.points).label("n")).group_by(postings.c.account)
        accounts = {one.account: int(one.n) for one in self.do(self.stage.read(sums))}
        assert sum(accounts.values()) == 0
        assert all(total >= 0 for account, total in accounts.items() if account.startswith("member:"))


TestOneLottery = OneLottery.TestCase
TestOneLottery.settings = settings(
    max_examples=8, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
)


async def test_thirty_cards_at_once_are_thirty_cards(tmp_path: Path) -> None:
    crowd = tuple(Member(f"w{no}", f"友{no}") for no in range(60))
    async with running_app(tmp_path, lottery, points, members=(OWNER, ADMIN, *crowd)) as stage:
        await stage.say("/抽奖 刮奖 书 x3、5积分 x4 共50张", ADMIN)
        before = len(stage.far.texts())
        await asyncio.gather(*(stage.app.handle(stage.message("刮奖", member)) for member in crowd))
        await stage.after(minutes=5)
        opened = await stage.rows(cards)
        assert sorted(card["no"] for card in opened) == list(range(1, 51))
        assert len({card["member"] for card in opened}) == 50
        assert Counter(seat["tier"] for seat in await stage.rows(seats)) == {0: 3, 1: 4}
        assert await stage.count(transfers) == 4
        assert len(stage.far.texts()) - before <= 16
        proof = read_proof((await stage.rows(lotteries))[0]["proof"])
        assert list(differences(proof)) == []


async def test_the_file_is_the_proof_and_is_gone_after_it_was_sent(tmp_path: Path) -> None:
    async with running_app(tmp_path, lottery, members=(OWNER, ADMIN, *PEOPLE)) as stage:
        seen: list[str] = []

        async def look(action: Any) -> None:
            if isinstance(action, SendImage):
                seen.append(await asyncio.to_thread(Path(action.path).read_text, encoding="utf-8"))

        stage.far.always = look
        await stage.say("/抽奖 书 满2人", ADMIN)
        for member in PEOPLE[:2]:
            await stage.say("参与", member)
        assert seen == [(await stage.rows(lotteries))[0]["proof"]]
        assert list((tmp_path / "outgoing").iterdir()) == []


async def test_who_comes_back_or_enters_from_another_group_counts_once(tmp_path: Path) -> None:
    async with running_app(tmp_path, lottery, members=(OWNER, ADMIN, *PEOPLE[:3])) as stage:
        await stage.roster(OWNER, ADMIN, *PEOPLE[1:4], group="g2", topic="二群")
        await stage.say("/抽奖 书 x11 联合 二群", ADMIN)
        assert re.search("群里只有", stage.far.texts()[-1])
        await stage.say("/抽奖 书 x2 联合 二群", ADMIN)
        for member in PEOPLE[:3]:
            await stage.say("参与", member)
        for member in PEOPLE[1:4]:
            await stage.say("参与", member, "g2")
        rows = await stage.rows(entrants)
        assert [row["group"] for row in rows] == ["g1", "g1", "g1", "g2"]
        await stage.handle(stage.left(PEOPLE[2]))
        await stage.handle(MemberJoined(id="again", at=stage.clock.now(), group="g1", member=PEOPLE[2]))
        await stage.say("参与", PEOPLE[2])
        await stage.say("/开奖 L1", ADMIN, "g2")
        assert await stage.count(entrants) == 4
        assert await stage.count(seats) == 2
        assert sum("开奖啦" in text for text in stage.far.texts("g1")) == 1
        assert sum("开奖啦" in text for text in stage.far.texts("g2")) == 1
        assert await stage.count(timers) == 0


async def test_a_word_counts_in_every_group_that_has_talked_before(tmp_path: Path) -> None:
    async with running_app(tmp_path, lottery, members=(OWNER, ADMIN, *PEOPLE[:2])) as stage:
        await stage.roster(OWNER, ADMIN, PEOPLE[2], group="g2", topic="二群")
        for group in ("g1", "g2"):
            await stage.say("新年快乐", ADMIN, group)
        await stage.say("/抽奖 书 口令 新年快乐 联合 二群", ADMIN)
        await stage.say("新年快樂", PEOPLE[0])
        await stage.say("新年快乐", PEOPLE[2], "g2")
        assert [row["member"] for row in await stage.rows(entrants)] == [PEOPLE[0].id, PEOPLE[2].id]


def test_the_benchmark_measures_ten_thousand() -> None:
    assert ENTRANTS == 10_000
