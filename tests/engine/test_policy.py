"""Test: policy: what may leave, what is held back, and the laws that no plugin can break."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.actions import (
    Action,
    Announce,
    InviteMember,
    NotifyAdmins,
    Purpose,
    RecallMessage,
    RemoveMember,
    SendImage,
    SendText,
    SetTopic,
)
from bot.model import Capability, Member, Mode
from bot.policy import Facts, Proposal, Verdict, review
from tests.engine.stage import ADMIN, XIAOWANG, G, running_app

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
QUIET = NOW + timedelta(hours=8)
ALL = frozenset(Capability)
W = Member("w", "小王")


def facts(**values) -> Facts:
    base = {
        "mode": Mode.ENFORCE,
        "capabilities": ALL,
        "exempt": frozenset(),
        "removals": 0,
        "removals_limit": 10,
        "now": NOW,
        "self_id": "bot",
    }
    return Facts(**{**base, **values})


def judge(*actions: Action, **values) -> list[Verdict]:
    known = facts(**values)
    return review([Proposal("p", a) for a in actions], lambda _g: known, lambda key, v: f"{key} {sorted(v)}")


def kick(who: Member = W, by: str = "", **values) -> RemoveMember:
    return RemoveMember(group="g", member=who, reason="x", by=by, **values)


def word(purpose: Purpose = Purpose.SERVICE, **values) -> SendText:
    return SendText(**{"group": "g", "text": "hi", "purpose": purpose, **values})


EVERYTHING = [
    kick(),
    kick(by="admin"),
    *(word(purpose) for purpose in Purpose),
    word(to="w"),
    *(SendImage(group="g", path="x.png", purpose=purpose) for purpose in Purpose),
    NotifyAdmins(group="g", text="x"),
    InviteMember(group="g", member=W),
    Announce(group="g", text="x"),
    SetTopic(group="g", topic="x"),
    RecallMessage(group="g", message_id="m"),
]


def name(action: Action) -> str:
    return f"{type(action).__name__} {getattr(action, 'purpose', '') or getattr(action, 'by', '')}"


@pytest.mark.parametrize("action", EVERYTHING, ids=name)
def test_everything_may_go_when_nothing_speaks_against_it(action: Action):
    assert judge(action) == [Verdict("p", action)]


@pytest.mark.parametrize("action", EVERYTHING, ids=name)
def test_dry_lets_nothing_through(action: Action):
    (verdict,) = judge(action, mode=Mode.DRY)
    assert verdict.refused == "dry"


@pytest.mark.parametrize("action", EVERYTHING, ids=name)
def test_shadow_tells_the_admins_instead_of_enforcing(action: Action):
    verdicts = judge(action, mode=Mode.SHADOW)
    enforcement = getattr(action, "purpose", None) is Purpose.ENFORCEMENT or (
        isinstance(action, RemoveMember) and not action.by
    )
    if not enforcement:
        assert verdicts == [Verdict("p", action)]
        return
    assert verdicts[0].refused == "shadow"
    assert [type(v.action) for v in verdicts[1:]] == [NotifyAdmins]


@pytest.mark.parametrize(
    ("action", "needs"),
    [
        (kick(), Capability.REMOVE),
        (SendImage(group="g", path="x"), Capability.IMAGE),
        (InviteMember(group="g", member=W), Capability.INVITE),
        (Announce(group="g", text="x"), Capability.ANNOUNCE),
        (SetTopic(group="g", topic="x"), Capability.TOPIC),
        (RecallMessage(group="g", message_id="m"), Capability.RECALL),
    ],
    ids=lambda value: value.value if isinstance(value, Capability) else "",
)
def test_what_the_far_side_cannot_do_is_not_tried(action: Action, needs: Capability):
    verdicts = judge(action, capabilities=ALL - {needs})
    assert verdicts[0].refused == "capability"
    assert len(verdicts) == (2 if isinstance(action, RemoveMember) else 1)


def test_who_is_exempt_is_not_removed_even_by_an_admin():
    for action in (kick(), kick(by="admin")):
        verdicts = judge(action, exempt=frozenset({"w"}))
        assert verdicts[0].refused == "exempt"
        assert isinstance(verdicts[1].action, NotifyAdmins)


def test_the_bot_does_not_remove_itself():
    assert judge(kick(Member("bot", "群管家"), by="owner"))[0].refused == "exempt"


def test_the_brake_holds_what_the_bot_decided_but_not_an_admin_s_word():
    several = [kick(Member(f"m{n}", "x")) for n in range(5)]
    verdicts = judge(*several, kick(by="admin"), removals=8)
    removals = [v for v in verdicts if isinstance(v.action, RemoveMember)]
    assert [v.refused for v in removals] == ["", "", "brake", "brake", "brake", ""]


def test_a_brake_of_zero_never_removes():
    assert judge(kick(), removals_limit=0)[0].refused == "brake"


def test_two_rules_never_punish_twice():
    verdicts = judge(kick(), kick(), RemoveMember(group="g", member=W, reason="y"), word(), word())
    assert [v.refused for v in verdicts] == ["", "duplicate", "duplicate", "", "duplicate"]


def test_shadow_says_once_per_case_what_would_have_been_done():
    verdicts = judge(
        *(word(Purpose.ENFORCEMENT, text=f"{n}", case=1) for n in range(3)), kick(case=1), mode=Mode.SHADOW
    )
    told = [v.action.text.split()[0] for v in verdicts if isinstance(v.action, NotifyAdmins)]
    assert told == ["would_say", "would_remove"]


def test_quiet_hours_hold_broadcasts_only():
    verdicts = judge(*EVERYTHING, quiet_until=QUIET)
    held = [v.action for v in verdicts if v.not_before == QUIET]
    assert all(getattr(a, "purpose", None) is Purpose.BROADCAST for a in held)
    assert len(held) == 2
    assert all(v.not_before is None for v in verdicts if v.action not in held)


NO_CHANNEL = ALL - {Capability.ADMIN_CHANNEL}


def test_notices_go_to_people_where_there_is_no_channel():
    verdicts = judge(NotifyAdmins(group="g", text="x"), capabilities=NO_CHANNEL, tell=("a", "b"), topic="读书群")
    assert [(v.action.to, v.action.text, v.refused) for v in verdicts] == [
        ("a", "〔读书群〕x", ""),
        ("b", "〔读书群〕x", ""),
    ]


def test_notices_go_to_the_control_group():
    verdicts = judge(NotifyAdmins(group="g", text="x"), capabilities=NO_CHANNEL, tell=("a",), tell_group="c")
    assert [(v.action.group, v.action.to) for v in verdicts] == [("c", "")]


def test_a_notice_for_nobody_is_refused():
    (verdict,) = judge(NotifyAdmins(group="g", text="x"), capabilities=NO_CHANNEL)
    assert verdict.refused == "capability"


# ---- laws

people = st.builds(Member, st.sampled_from(["bot", "admin", "w", "l", "c"]), st.sampled_from(["小王", "x"]))
groups = st.sampled_from(["g1", "g2", "", "g1\nw"])
actions = st.one_of(
    st.builds(
        RemoveMember, group=groups, member=people, reason=st.sampled_from("xy"), by=st.sampled_from(["", "admin"])
    ),
    st.builds(
        SendText,
        group=groups,
        text=st.sampled_from("xy"),
        purpose=st.sampled_from(Purpose),
        to=st.sampled_from(["", "w"]),
    ),
    st.builds(SendImage, group=groups, path=st.just("x"), purpose=st.sampled_from(Purpose)),
    st.builds(NotifyAdmins, group=groups, text=st.sampled_from("xy")),
    st.builds(Announce, group=groups, text=st.just("x")),
    st.builds(InviteMember, group=groups, member=people),
)
some_facts = st.builds(
    Facts,
    mode=st.sampled_from(Mode),
    capabilities=st.frozensets(st.sampled_from(Capability)),
    exempt=st.frozensets(st.sampled_from(["admin", "w", "l"])),
    removals=st.integers(0, 5),
    removals_limit=st.integers(0, 4),
    now=st.just(NOW),
    self_id=st.just("bot"),
    topic=st.just("群"),
    tell=st.lists(st.sampled_from("ab"), max_size=2, unique=True).map(tuple),
    tell_group=st.sampled_from(["", "g2"]),
    quiet_until=st.sampled_from([None, QUIET]),
)


@settings(max_examples=200, deadline=None)
@given(
    proposed=st.lists(actions, max_size=12),
    by_group=st.fixed_dictionaries(dict.fromkeys(("g1", "g2", "", "g1\nw"), some_facts)),
)
def test_laws(proposed: list[Action], by_group: dict[str, Facts]):
    verdicts = review([Proposal("p", a) for a in proposed], by_group.__getitem__, lambda key, _v: key)
    passed = [v.action for v in verdicts if not v.refused]
    removals = [a for a in passed if isinstance(a, RemoveMember)]
    for action in removals:
        assert action.member.id not in by_group[action.group].exempt
        assert action.member.id != "bot"
        assert Capability.REMOVE in by_group[action.group].capabilities
    assert len({(a.group, a.member.id) for a in removals}) == len(removals)
    for group, known in by_group.items():
        decided = sum(1 for a in removals if a.group == group and not a.by)
        assert decided == 0 or known.removals + decided <= known.removals_limit
        mine = [a for a in passed if a.group == group]
        if known.mode is Mode.DRY:
            # Only what other groups' notices say here, in their control group.
            assert all(isinstance(a, SendText) and a.purpose is Purpose.REPLY and a not in proposed for a in mine)
        if known.mode is Mode.SHADOW:
            assert not any(getattr(a, "purpose", None) is Purpose.ENFORCEMENT for a in mine)
            assert not any(isinstance(a, RemoveMember) and not a.by for a in mine)
    if all(known.mode is Mode.DRY for known in by_group.values()):
        assert passed == []
    assert {id(a) for a in proposed} <= {id(v.action) for v in verdicts} | {
        id(a) for a in proposed if isinstance(a, NotifyAdmins)
    }


# ---- through the whole engine


async def test_never_more_than_the_limit_in_an_hour(tmp_path: Path):
    crowd = [Member(f"m{n}", f"群友{n}") for n in range(8)]
    async with running_app(tmp_path, members=(ADMIN, XIAOWANG, *crowd), policy__removals_per_hour=3) as stage:
        for member in crowd[:5]:
            await stage.say(f"kick {member.id}")
        assert len(stage.far.removed) == 3
        assert len(stage.far.notices) == 2
        await stage.restart()
        await stage.say("kick m5 m6 m7")
        assert len(stage.far.removed) == 3
        await stage.after(minutes=61)
        await stage.say("kick m5 m6 m7")
        assert len(stage.far.removed) == 6


async def test_exempt_members_and_the_bot_stay(tmp_path: Path):
    async with running_app(tmp_path, bot__owners=("l",)) as stage:
        await stage.say("kick admin bot l owner w")
        assert stage.far.removed == ["w"]


@pytest.mark.parametrize("mode", ["dry", "shadow", "enforce"])
async def test_modes(tmp_path: Path, mode: str):
    async with running_app(tmp_path, bot__mode=mode) as stage:
        for line in ("say 你好", "enforce 警告", "kick l", "tell 管理员"):
            await stage.say(line)
        said, notices = stage.far.texts(G), stage.far.notices
        if mode == "dry":
            assert stage.far.actions == []
        elif mode == "shadow":
            assert (said, stage.far.removed) == (["你好"], [])
            assert [n[:6] for n in notices] == ["〔观察模式〕", "〔观察模式〕", "管理员"]
        else:
            assert (said, stage.far.removed, notices) == (["你好", "警告"], ["l"], ["管理员"])


async def test_a_broadcast_waits_for_the_end_of_the_quiet_hours(tmp_path: Path):
    async with running_app(tmp_path) as stage:
        await stage.after(hours=14, minutes=30)
        await stage.say("cast 晚安")
        await stage.say("say 在")
        assert stage.far.texts() == ["在"]
        await stage.after(hours=7, minutes=29)
        assert stage.far.texts() == ["在"]
        await stage.after(minutes=1)
        assert stage.far.texts() == ["在", "晚安"]


# ---- a case that may go less far than its group


def about_case(of_case: Mode, **values) -> list[Verdict]:
    known = facts(**values)
    acts = [word(Purpose.ENFORCEMENT, case=1), kick(case=1), NotifyAdmins(group="g", text="x", case=1)]
    proposals = [Proposal("p", action) for action in acts]
    return review(proposals, lambda _g: known, lambda key, v: f"{key} {sorted(v)}", {1: of_case})


def test_what_comes_of_a_case_goes_no_further_than_the_case():
    assert [v.refused for v in about_case(Mode.ENFORCE)] == ["", "", ""]
    assert [v.refused for v in about_case(Mode.DRY)] == ["dry", "dry", "dry"]
    told = [v for v in about_case(Mode.SHADOW) if not v.refused]
    assert [type(v.action) for v in told] == [NotifyAdmins] * 3
    assert [v.refused for v in about_case(Mode.ENFORCE, mode=Mode.DRY)] == ["dry", "dry", "dry"]
    assert judge(kick(case=2))[0].refused == ""


@pytest.mark.parametrize("one", Mode)
@pytest.mark.parametrize("other", Mode)
def test_the_milder_of_two_modes(one: Mode, other: Mode):
    order = [Mode.DRY, Mode.SHADOW, Mode.ENFORCE]
    assert one.milder(other) is other.milder(one) is order[min(order.index(one), order.index(other))]
