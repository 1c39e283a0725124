"""Test: the rules of inviting as a machine: whatever people and crashes do, nobody is paid twice or too much."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.events import MemberIntroduced, MemberJoined, MemberLeft, PointsReturned
from bot.model import Member
from bot.storage.ledger_check import audit
from bot.storage.tables import postings, transfers
from plugins.invite import plugin as invite
from plugins.invite.tables import holds, invitations, rewards
from plugins.points import plugin as points
from tests.engine.stage import ADMIN, OWNER, XIAOLI, Stage, running_app

PEOPLE = [Member(f"p{no}", f"友{no}") for no in range(7)]
FIRST = Member("p_first", "友首")
REWARD, SECOND, CAP, LADDER = 10, 4, 60, {2: 9, 3: 8, 4: 7}
GROUPS = st.sampled_from(["g1", "g2"])
ANYBODY = st.sampled_from([*PEOPLE, XIAOLI])


class InviteMachine(RuleBasedStateMachine):
    """Comings and goings, claims, talk, time, admins' decisions and kills in two groups of one operator."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.context: AbstractAsyncContextManager[Stage] = running_app(
            Path(self.folder.name),
            invite,
            points,
            members=(OWNER, ADMIN, XIAOLI),
            invite__second=SECOND,
            invite__cap=CAP,
            invite__ladder=" ".join(f"{step}={bonus}" for step, bonus in LADDER.items()),
            invite__vest_messages=1,
            invite__burst=4,
        )
        self.stage = self.runner.run(self.context.__aenter__())
        self.runner.run(self.stage.roster(OWNER, ADMIN, XIAOLI, group="g2"))
        self.inside = {"g1": {XIAOLI.id}, "g2": {XIAOLI.id}}
        self.no = 0

    def event(self, kind: type[Any], group: str, **values: Any) -> Any:
        self.no += 1
        return kind(id=f"e{self.no}", at=self.stage.clock.now(), group=group, **values)

    def do(self, *events: Any) -> None:
        self.runner.run(self._do(*events))

    async def _do(self, *events: Any) -> None:
        await self.stage.handle(*events)
        await self.stage.app.settle()

    @initialize(kept=st.integers(0, REWARD), group=GROUPS)
    def a_friend_stays_and_goes_when_little_is_left(self, kept: int, group: str) -> None:
        """Each run begins with it: there is less to take back than was paid."""
        self.join_and_stay([FIRST], XIAOLI, group)
        self.spend(XIAOLI, but=kept)
        self.leave(FIRST, group)
        kept_back = self.runner.run(self._posted()).get(f"invite-back:{FIRST.id}", ("", 0))[1]
        assert kept_back == -kept
        self.have_back(XIAOLI, 3)

    @rule(who=st.sampled_from(PEOPLE), inviter=st.one_of(st.none(), ANYBODY), group=GROUPS, roster=st.booleans())
    def join(self, who: Member, inviter: Member | None, group: str, roster: bool) -> None:
        if who.id not in self.inside[group]:
            self.inside[group].add(who.id)
            source = "roster" if roster else "gateway"
            event = self.event(MemberJoined, group, member=who, inviter=inviter, source=source)
            self.do(event, event)

    @rule(
        friends=st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=6, unique=True),
        inviter=st.sampled_from([XIAOLI, XIAOLI, *PEOPLE[:2]]),
        group=GROUPS,
    )
    def join_and_stay(self, friends: list[Member], inviter: Member, group: str) -> None:
        for who in friends:
            self.join(who, inviter, group, False)
            self.say(who, "大家好", group)
            self.runner.run(self.stage.after(minutes=11))
        self.runner.run(self.stage.after(hours=25))

    @rule(
        friends=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4, unique=True),
        group=GROUPS,
        broke=st.booleans(),
    )
    def leave_together(self, friends: list[Member], group: str, broke: bool) -> None:
        if broke:
            self.spend(XIAOLI)
        for who in friends:
            self.leave(who, group)

    @rule(inviter=ANYBODY, group=GROUPS)
    def join_in_a_burst(self, inviter: Member, group: str) -> None:
        for who in PEOPLE[3:]:
            self.join(who, inviter, group, False)

    def leave(self, who: Member, group: str) -> None:
        if who.id in self.inside[group]:
            self.inside[group].discard(who.id)
            event = self.event(MemberLeft, group, member=who)
            self.do(event, event)

    @rule(who=st.sampled_from(PEOPLE), other=ANYBODY, group=GROUPS, what=st.integers(0, 8), no=st.integers(1, 3))
    def something_else(self, who: Member, other: Member, group: str, what: int, no: int) -> None:
        match what:
            case 0 | 1 | 2 if who.id in self.inside[group]:
                said = (f"我是{other.name}邀请的", f"{other.name}是我邀请的", "大家好")
                self.say(who, said[what], group)
            case 3 if who.id in self.inside[group]:
                self.do(self.event(MemberIntroduced, group, member=who))
            case 4:
                self.say(ADMIN, f"/邀请 确认 @{who.name} @{other.name}", group)
            case 5:
                self.say(ADMIN, f"/邀请 放行 H{no}", group)
            case 6:
                self.say(ADMIN, f"/邀请 作废 H{no}", group)
                self.say(ADMIN, "确认", group)
            case 7:
                self.have_back(other, 5 * no)
            case _:
                self.spend(other, but=no)

    def say(self, who: Member, text: str, group: str) -> None:
        self.runner.run(self.stage.say(text, who, group))

    def have_back(self, who: Member, points: int) -> None:
        """Points that were out while friends left."""
        self.say(ADMIN, f"/加分 @{who.name} {points}", "g1")
        paid_at = self.stage.clock.now() - timedelta(days=2)
        event = self.event(PointsReturned, "g1", member=who, points=points, paid_at=paid_at)
        self.do(event, event)

    def spend(self, who: Member, but: int = 0) -> None:
        """All they have but a little, so that there is too little to take back."""
        rows = self.runner.run(self.stage.rows(postings))
        balance = sum(row["points"] for row in rows if row["account"] == f"member:{who.id}")
        self.runner.run(self.stage.say(f"/加分 @{who.name} -{balance - but}", ADMIN))

    @rule(hours=st.sampled_from([0, 1, 13, 25, 24 * 31]), dies=st.booleans())
    def wait(self, hours: int, dies: bool) -> None:
        if dies:
            self.runner.run(self.stage.restart())
        self.runner.run(self.stage.after(hours=hours))

    @invariant()
    def the_rules_hold(self) -> None:
        found = audit(self.stage.database)
        assert found.problems == ()
        self.runner.run(self._the_rules_hold())

    async def _the_rules_hold(self) -> None:
        comings = await self.stage.rows(invitations)
        live = [row for row in comings if row["state"] in ("pending", "counted", "deducted")]
        assert max(Counter(row["invitee"] for row in live).values(), default=0) <= 1
        assert all(row["invitee"] != row["inviter"] for row in live)
        counted = {row["invitee"]: row["inviter"] for row in live if row["state"] in ("counted", "deducted")}
        await self._paid_once(counted)
        await self._never_too_much()
        held = {row["no"] for row in await self.stage.rows(holds) if row["state"] == "open"}
        fresh = [row for row in live if row["state"] == "counted" and row["hold"] in held]
        posted = await self._posted()
        assert all(f"invite:{row['invitee']}" in posted or row["points"] == 0 for row in fresh)

    async def _posted(self) -> dict[str, tuple[str, int]]:
        legs = {row["transfer_id"]: row for row in await self.stage.rows(postings) if row["account"] != "house"}
        return {
            row["key"]: (legs[row["id"]]["account"].removeprefix("member:"), legs[row["id"]]["points"])
            for row in await self.stage.rows(transfers)
        }

    async def _paid_once(self, counted: dict[str, str]) -> None:
        """One direct and one second reward a friend, to the right people, never more than agreed; not to themselves."""
        posted = await self._posted()
        for key, (member, paid) in posted.items():
            word, _, rest = key.partition(":")
            if word == "invite":
                assert counted[rest] == member
                assert 0 < paid <= REWARD
            elif word == "invite2":
                assert 0 < paid <= SECOND
                assert member not in (rest, counted[rest])
                assert counted.get(counted[rest]) == member or (counted[rest] not in counted)
            elif word in ("invite-back", "invite2-back"):
                before = posted[f"{word.removesuffix('-back')}:{rest}"]
                assert before[0] == member
                assert -before[1] <= paid < 0

    async def _never_too_much(self) -> None:
        """What somebody holds for a month is within the cap, and for a step of the ladder not more than its worth."""
        kept = await self.stage.rows(rewards)
        months: Counter[tuple[str, str]] = Counter()
        steps: Counter[tuple[str, int]] = Counter()
        for row in kept:
            months[row["member"], row["month"]] += row["points"]
            if row["level"] == 0:
                steps[row["member"], row["invitation"]] += row["points"]
        assert all(held <= CAP for held in months.values())
        assert all(held <= LADDER[step] for (_, step), held in steps.items())
        net: Counter[str] = Counter()
        for key, (member, paid) in (await self._posted()).items():
            if key.startswith("invite"):
                net[member] += paid
        held = Counter(dict.fromkeys(net, 0))
        for row in kept:
            held[row["member"]] += row["points"]
        assert net == held

    def teardown(self) -> None:
        self.runner.run(self.context.__aexit__(None, None, None))
        self.runner.close()
        self.folder.cleanup()


# A step is a whole bot at work: looking for the shortest story would take longer than reading the one found.
InviteMachine.TestCase.settings = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.reuse, Phase.generate),
)
TestInviteRules = InviteMachine.TestCase
