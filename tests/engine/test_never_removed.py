"""Test: never an owner, an admin, somebody exempt or the bot itself; never more than the brake lets: whatever comes."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.actions import Action, NotifyAdmins, RemoveMember, SendText
from bot.events import RedPacketSent
from bot.model import Capability, Member, Mode, Role
from bot.policy import Facts, Proposal, Verdict, review
from plugins.ad_guard import plugin as ad_guard
from plugins.appeal import plugin as appeal
from plugins.ban_guard import plugin as ban_guard
from plugins.flood_guard import plugin as flood_guard
from plugins.moderation import plugin as moderation
from plugins.report import plugin as report
from plugins.word_guard import plugin as word_guard
from tests.engine.stage import ADMIN, BOT, OWNER, XIAOLI, XIAOWANG, FarSide, Stage, running_app

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
PEOPLE = tuple(Member(f"p{number}", f"群友{number}") for number in range(6))
SPARED = frozenset({"p0", "p1"})

# ---- the policy alone

who = st.sampled_from([*PEOPLE, replace(PEOPLE[0], role=Role.OWNER), Member("bot", "群管家")])
removals = st.builds(
    RemoveMember,
    group=st.sampled_from(["g", "h"]),
    member=who,
    reason=st.sampled_from(["广告", "刷屏"]),
    by=st.sampled_from(["", "", "admin", "p1"]),
    case=st.sampled_from([None, 1, 2]),
)
words = st.builds(SendText, group=st.sampled_from(["g", "h"]), text=st.sampled_from(["a", "b"]))
proposals = st.lists(
    st.builds(Proposal, plugin=st.sampled_from(["p", "q"]), action=st.one_of(removals, words), asked=st.booleans()),
    max_size=12,
)
facts = st.builds(
    Facts,
    mode=st.sampled_from(list(Mode)),
    capabilities=st.sampled_from([frozenset(Capability), frozenset(Capability) - {Capability.REMOVE}]),
    exempt=st.just(SPARED),
    removals=st.integers(0, 4),
    removals_limit=st.integers(0, 4),
    now=st.just(NOW),
    self_id=st.just("bot"),
)


@given(proposals, facts, st.dictionaries(st.sampled_from([1, 2]), st.sampled_from(list(Mode))))
@settings(max_examples=300, deadline=None)
def test_whatever_plugins_propose(asked: list[Proposal], known: Facts, modes: dict[int, Mode]):
    verdicts = review(asked, lambda _group: known, lambda key, _values: key, modes)
    gone = [v.action for v in verdicts if isinstance(v.action, RemoveMember) and not v.refused]
    assert not {action.member.id for action in gone} & (SPARED | {"bot"})
    assert len({(action.group, action.member.id) for action in gone}) == len(gone)
    for group in ("g", "h"):
        unordered = [action for action in gone if action.group == group and not action.by]
        assert len(unordered) <= max(0, known.removals_limit - known.removals)
    if known.mode is Mode.DRY or Capability.REMOVE not in known.capabilities:
        assert gone == []
    assert all(_may_stay(verdict, known) for verdict in verdicts)


def _may_stay(verdict: Verdict, known: Facts) -> bool:
    """In a mode that only watches nobody is removed but by an admin's word."""
    action: Action = verdict.action
    if verdict.refused or isinstance(action, NotifyAdmins) or not isinstance(action, RemoveMember):
        return True
    return known.mode is Mode.ENFORCE or bool(action.by)


# ---- the whole bot

AD = "需要代理的加薇 abc12345，日结，名额有限"
VOTERS = tuple(Member(f"v{number}", f"投票人{number}") for number in range(3))
EXEMPT = Member("x", "被豁免的")
EVERYBODY = (OWNER, ADMIN, XIAOWANG, XIAOLI, EXEMPT, *VOTERS)
PLUGINS = (ad_guard, appeal, ban_guard, flood_guard, moderation, report, word_guard)
LIMIT = 2
AT_ONCE = {
    "report__messages": 0,
    "report__member_days": 0,
    "report__needed": 1,
    "report__vote_needed": 2,
    "report__vote_removes": True,
    "moderation__remove_for": ["ad", "suspect", "flood", "word", "warn", "name"],
    "moderation__warnings_before_removal": 1,
    "policy__removals_per_hour": LIMIT,
}
DEEDS = ("ad", "ad", "ad", "flood", "report", "vote", "vote", "packet", "wait", "word", "kick", "ban", "again")
steps = st.lists(
    st.tuples(
        st.sampled_from(DEEDS),
        st.integers(0, len(EVERYBODY) - 1),
        st.integers(0, len(EVERYBODY) - 1),
    ),
    min_size=10,
    max_size=25,
)


async def _step(stage: Stage, what: str, by: Member, about: Member, number: int) -> None:
    if by.id not in stage.far.groups["g1"] and what != "again":
        return
    if what == "ad":
        await stage.say(AD, by)
    elif what == "flood":
        for _ in range(12):
            await stage.say("顶" * random.Random(number).randrange(1, 3), by)  # noqa: S311  not for secrets
    elif what == "word":
        await stage.say("说说赌球", by)
    elif what == "packet":
        await stage.handle(RedPacketSent(id=f"rp{number}", at=stage.clock.now(), group="g1", sender=by))
    elif what == "wait":
        await stage.after(minutes=7)
    elif what == "again":
        if about.id not in stage.far.groups["g1"]:
            stage.far.groups["g1"][about.id] = about
            await stage.handle(stage.joined(about))
    else:
        line = {"report": "/举报", "vote": "/投票移出", "kick": "/踢", "ban": "/拉黑"}[what]
        await stage.say(f"{line} @{about.name}", by)


async def _live(folder: Path, stream: list[tuple[str, int, int]]) -> None:
    far = FarSide()
    async with running_app(folder, *PLUGINS, far=far, members=EVERYBODY, **AT_ONCE) as stage:
        await stage.say(f"/豁免 @{EXEMPT.name}", ADMIN)
        await stage.say("/禁词 加 赌球", ADMIN)
        here = set(far.groups["g1"])
        for number, (what, by, about) in enumerate(stream):
            await _step(stage, what, EVERYBODY[by], EVERYBODY[about], number)
            await stage.after(seconds=20)
            left, here = here - set(far.groups["g1"]), set(far.groups["g1"])
            await stage.handle(*(stage.left(each) for each in EVERYBODY if each.id in left))
        await stage.after(minutes=30)
    removed = [(at, action) for at, action in far.sent if isinstance(action, RemoveMember)]
    assert not {action.member.id for _, action in removed} & {OWNER.id, ADMIN.id, EXEMPT.id, BOT.id}
    unordered = [at for at, action in removed if not action.by]
    for at in unordered:
        assert sum(at - timedelta(hours=1) < other <= at for other in unordered) <= LIMIT
    assert {action.by for _, action in removed} <= {"", OWNER.id, ADMIN.id}


@given(steps)
@settings(max_examples=12, deadline=None)
def test_whatever_happens_in_a_group(stream: list[tuple[str, int, int]]):
    with TemporaryDirectory() as folder:
        asyncio.run(_live(Path(folder), stream))


@pytest.mark.parametrize("line", ["/踢 @{0}", "/投票移出 @{0}"])
async def test_the_stream_can_remove_somebody(tmp_path: Path, line: str):
    """The property would hold for a bot that never does anything."""
    async with running_app(tmp_path, *PLUGINS, members=EVERYBODY, **AT_ONCE) as stage:
        for by in (ADMIN,) if "踢" in line else VOTERS:
            await stage.say(line.format(XIAOWANG.name), by)
        assert stage.far.removed == [XIAOWANG.id]
