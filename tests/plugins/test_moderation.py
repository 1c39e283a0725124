"""Test: the court on the real engine: once and only once, whatever happens in between."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.actions import InviteMember, NotifyAdmins, RemoveMember, SendText
from bot.context import Case
from bot.errors import Refused, Unavailable
from bot.events import MessageRecalled, RedPacketSent
from bot.model import Capability, Member, Mode
from bot.storage.tables import cases, timers
from plugins.ad_guard import plugin as ad_guard
from plugins.ban_guard import plugin as ban_guard
from plugins.moderation import plugin as moderation
from plugins.moderation.court import AWAY
from plugins.moderation.ladder import Step, earlier_warnings, next_step
from plugins.moderation.plugin import Settings
from tests.engine.stage import ADMIN, START, XIAOLI, XIAOWANG, FarSide, Stage, running_app

AD = "需要代理的加薇 abc12345，日结，名额有限"
ALL = (ad_guard, ban_guard, moderation)


def packet(stage: Stage, by: Member = XIAOWANG, group: str = "g1", no: int = 1) -> RedPacketSent:
    return RedPacketSent(id=f"packet{no}", at=stage.clock.now(), group=group, sender=by)


async def states(stage: Stage) -> list[str]:
    return [row["state"] for row in await stage.rows(cases)]


async def test_a_packet_in_time_saves_and_the_timer_is_gone(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        await stage.say(AD)
        await stage.after(minutes=2, seconds=59)
        await stage.handle(packet(stage))
        await stage.after(hours=1)
        assert await states(stage) == ["paid"]
        assert await stage.count(timers) == 0
        assert stage.far.removed == []
        warning, thanks = stage.far.texts()
        assert "红包" in warning
        assert "W1" in warning
        assert "3 分钟" in warning
        assert "谢谢" in thanks


@pytest.mark.parametrize("crash_after", [0, 60, 179, 180, 181, 400])
async def test_removed_exactly_once_through_a_crash_at_any_moment(tmp_path: Path, crash_after: int):
    async with running_app(tmp_path, *ALL) as stage:
        await stage.say(AD)
        await stage.after(seconds=crash_after)
        await stage.restart()
        await stage.after(minutes=10)
        assert stage.far.removed == ["w"]
        assert await states(stage) == ["removed"]
        assert len([notice for notice in stage.far.notices if "已移出" in notice]) == 1


async def test_another_persons_packet_and_another_groups_do_not_count(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        await stage.roster(ADMIN, XIAOWANG, group="g2", topic="二群")
        await stage.say(AD)
        await stage.handle(packet(stage, XIAOLI, no=1), packet(stage, XIAOWANG, "g2", no=2))
        await stage.after(minutes=4)
        assert stage.far.removed == ["w"]


async def test_the_same_packet_told_twice_is_thanked_once(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        await stage.say(AD)
        await stage.handle(packet(stage), packet(stage), packet(stage, no=2))
        await stage.after(minutes=1)
        assert len([text for text in stage.far.texts() if "谢谢" in text]) == 1


async def test_whoever_became_an_admin_meanwhile_stays(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        await stage.say(AD)
        await stage.roster(ADMIN, Member("w", "小王", ADMIN.role), XIAOLI)
        await stage.after(minutes=4)
        assert stage.far.removed == []
        assert await states(stage) == ["dropped"]
        assert any("小王" in notice for notice in stage.far.notices)


async def test_a_bot_that_was_away_asks_before_it_removes(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        await stage.say(AD)
        await stage.crash()
        stage.clock.set(stage.clock.now() + timedelta(minutes=3) + AWAY + timedelta(seconds=1))
        await stage.reopen()
        await stage.after(minutes=5)
        assert stage.far.removed == []
        assert await states(stage) == ["closed"]
        assert any("不在线" in notice and "/踢 @小王" in notice for notice in stage.far.notices)


async def test_a_removal_the_gateway_refuses_is_told_to_the_admins(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        await stage.say(AD)
        await stage.after(minutes=2)
        stage.far.faults = [Refused("no right")]
        await stage.after(minutes=10)
        assert await states(stage) == ["failed"]
        (notice,) = [text for text in stage.far.notices if "没能移出" in text]
        assert "小王" in notice
        assert AD in notice


async def test_a_gateway_that_says_yes_and_does_nothing_is_found_out(tmp_path: Path):
    async with running_app(tmp_path, *ALL, far=FarSide(deaf=True)) as stage:
        await stage.say(AD)
        await stage.after(minutes=10)
        assert await states(stage) == ["failed"]
        assert any("没能移出" in text for text in stage.far.notices)


async def test_a_removal_waits_for_the_gateway_and_happens_once(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        await stage.say(AD)
        await stage.after(minutes=2)
        stage.far.faults = [Unavailable("busy"), Unavailable("busy")]
        await stage.after(minutes=10)
        assert stage.far.removed == ["w"]
        assert await states(stage) == ["removed"]


async def test_without_the_right_admins_learn_who_and_why(tmp_path: Path):
    far = FarSide(can=frozenset(Capability) - {Capability.REMOVE})
    async with running_app(tmp_path, *ALL, far=far) as stage:
        await stage.say(AD)
        await stage.after(minutes=4)
        assert await states(stage) == ["failed"]
        (notice,) = stage.far.notices
        assert "小王" in notice
        assert "abc12345" in notice


async def test_undoing_while_the_removal_is_under_way_brings_the_member_back(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        await stage.say(AD)
        await stage.after(minutes=2, seconds=59)
        stage.far.faults = [Unavailable("busy")]
        await stage.after(seconds=1)
        assert await states(stage) == ["removing"]
        await stage.say("/撤销 W1", ADMIN)
        await stage.after(minutes=5)
        assert await states(stage) == ["undone"]
        assert stage.far.removed == ["w"]
        assert [a.member.id for a in stage.far.actions if isinstance(a, InviteMember)] == ["w"]


async def test_a_second_order_does_not_remove_twice(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        stage.far.faults = [Unavailable("busy")]
        await stage.say("/踢 @小王", ADMIN)
        await stage.say("/踢 @小王", ADMIN)
        await stage.after(minutes=5)
        assert stage.far.removed == ["w"]
        assert any("正在移出" in text for text in stage.far.texts())


async def test_an_order_ends_the_grace_that_was_running(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        await stage.say(AD)
        await stage.say("/踢 @小王 广告", ADMIN)
        await stage.after(minutes=10)
        assert stage.far.removed == ["w"]
        assert await states(stage) == ["closed", "removed"]
        (removal,) = [a for a in stage.far.actions if isinstance(a, RemoveMember)]
        assert removal.by == "admin"


async def test_an_ad_taken_back_is_forgiven_unless_a_copy_stays(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        first = await stage.say(AD)
        recalled = MessageRecalled(id="r1", at=stage.clock.now(), group="g1", message_id=first.id)
        await stage.handle(recalled)
        assert await states(stage) == ["withdrawn"], "the gateway did not say who recalled it, the archive does"
        second = await stage.say(AD, XIAOLI)
        await stage.say("需要代理的加薇：ａｂｃ１２３４５ 日结 名额有限", XIAOLI)
        await stage.handle(
            MessageRecalled(id="r2", at=stage.clock.now(), group="g1", message_id=second.id, sender=XIAOLI)
        )
        await stage.after(minutes=4)
        assert stage.far.removed == ["l"]


async def test_recalling_something_else_changes_nothing(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        talk = await stage.say("大家好")
        await stage.say(AD)
        for no, message_id in enumerate((talk.id, "unknown")):
            await stage.handle(MessageRecalled(id=f"r{no}", at=stage.clock.now(), group="g1", message_id=message_id))
        assert await states(stage) == ["warned"]


async def test_leaving_settles_and_coming_back_is_a_clean_start(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        await stage.say(AD)
        await stage.handle(stage.left(XIAOWANG))
        await stage.handle(stage.joined(XIAOWANG))
        await stage.after(minutes=10)
        assert stage.far.removed == []
        assert await states(stage) == ["left"]


async def test_a_change_of_the_grace_counts_for_the_next_case(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        await stage.app.set_setting("g1", "moderation.grace", "10s")
        await stage.say(AD)
        await stage.after(seconds=10)
        assert stage.far.removed == ["w"]


async def test_names_and_texts_of_strangers_stay_inert(tmp_path: Path):
    evil = Member("e", "{时长}{编号}")
    async with running_app(tmp_path, *ALL, members=(ADMIN, evil)) as stage:
        await stage.say(AD + "{昵称}{0.__class__}", evil)
        await stage.after(minutes=4)
        spoken = stage.far.texts() + stage.far.notices
        assert all("{时长}{编号}" in text for text in spoken)
        assert "{0.__class__}" in stage.far.notices[-1]


async def test_a_banned_member_who_comes_back_is_greeted_by_nobody(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        await stage.say("/拉黑 @小王", ADMIN)
        await stage.after(seconds=1)
        stage.far.groups["g1"]["w"] = XIAOWANG
        await stage.handle(stage.left(XIAOWANG))
        await stage.handle(stage.joined(XIAOWANG))
        await stage.after(minutes=1)
        assert stage.far.removed == ["w", "w"]
        assert any("黑名单" in notice for notice in stage.far.notices)
        await stage.restart()
        await stage.handle(stage.left(XIAOWANG))
        await stage.app.set_setting("g1", "ban_guard.enabled", False)
        stage.far.groups["g1"]["w"] = XIAOWANG
        await stage.handle(stage.joined(XIAOWANG))
        await stage.after(minutes=1)
        assert stage.far.removed == ["w", "w"]


async def test_where_nothing_was_said_the_notice_quotes_nothing(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        await stage.say("/拉黑 @小王", ADMIN)
        await stage.after(seconds=1)
        stage.far.groups["g1"]["w"] = XIAOWANG
        await stage.handle(stage.left(XIAOWANG))
        stage.far.faults = [Refused("no right")]
        await stage.handle(stage.joined(XIAOWANG))
        await stage.after(minutes=1)
        (notice,) = [text for text in stage.far.notices if "没能移出" in text]
        assert notice.startswith("没能移出 小王（W2）")
        assert "原文" not in notice
        assert "：。" not in notice


async def test_dry_mode_says_and_does_nothing_and_closes_its_cases(tmp_path: Path):
    async with running_app(tmp_path, *ALL, bot__mode="dry") as stage:
        await stage.say(AD)
        await stage.after(minutes=20)
        assert stage.far.actions == []
        assert await states(stage) == ["dropped"]


async def test_shadow_mode_tells_admins_only(tmp_path: Path):
    async with running_app(tmp_path, *ALL, bot__mode="shadow") as stage:
        await stage.say(AD)
        await stage.after(minutes=20)
        assert all(isinstance(action, NotifyAdmins) for action in stage.far.actions)
        assert len(stage.far.actions) == 2
        assert await states(stage) == ["dropped"]


async def test_everything_about_a_case_carries_its_number(tmp_path: Path):
    async with running_app(tmp_path, *ALL) as stage:
        await stage.say(AD)
        await stage.after(minutes=4)
        about: list[Any] = [a for a in stage.far.actions if isinstance(a, SendText | RemoveMember | NotifyAdmins)]
        assert [action.case for action in about] == [1, 1, 1]


async def test_the_same_events_lead_to_the_same_steps(tmp_path: Path):
    """Replaying is how a policy is tried: nothing of it may depend on when or how often it is done."""

    async def live(folder: Path) -> list[Any]:
        async with running_app(folder, *ALL, moderation__remove_for=("ad", "warn")) as stage:
            for text in ("大家早上好", AD, "今天天气真不错", f"{AD}啊"):
                await stage.say(text)
                await stage.after(minutes=4)
            for _ in range(4):
                await stage.say("/警告 @小李 请安静", ADMIN)
                await stage.after(hours=1)
            return [(at, action) for at, action in stage.far.sent]

    first = await live(tmp_path / "one")
    assert len(first) > 5
    assert await live(tmp_path / "two") == first


async def test_who_is_removed_again_and_again_comes_onto_the_blacklist_and_undone_removals_do_not_count(tmp_path: Path):
    async with running_app(tmp_path, *ALL, ban_guard__after=2) as stage:
        for number in range(3):
            await stage.say("/踢 @小王", ADMIN)
            await stage.after(minutes=1)
            if number == 0:
                await stage.say("/撤销 W1", ADMIN)
            if number < 2:
                assert not any("黑名单" in notice for notice in stage.far.notices)
            stage.far.groups["g1"]["w"] = XIAOWANG
            await stage.handle(stage.left(XIAOWANG))
            await stage.handle(stage.joined(XIAOWANG))
            await stage.after(minutes=1)
        assert stage.far.removed == ["w"] * 4, "three orders, and once more when they came back"


# ---- the ladder, pure


def case(no: int, verdict: str = "flood", state: str = "closed", opened_at: datetime = START) -> Case:
    return Case(no, "g1", XIAOWANG, "flood_guard", verdict, state, opened_at, None, (), "", "", Mode.ENFORCE, "")


@pytest.mark.parametrize(
    ("earlier", "allowed", "may_remove", "step"),
    [
        (0, 2, False, Step.REMIND),
        (1, 2, False, Step.WARN),
        (2, 2, False, Step.ASK),
        (2, 2, True, Step.REMOVE),
        (9, 2, True, Step.REMOVE),
        (0, 1, True, Step.REMIND),
        (1, 1, True, Step.REMOVE),
    ],
)
def test_the_steps(earlier: int, allowed: int, may_remove: bool, step: Step):
    assert next_step(earlier, allowed, may_remove) is step


def test_what_counts_as_a_warning():
    week = timedelta(days=7)
    now = START + timedelta(days=1)
    assert earlier_warnings([case(1), case(2, "word"), case(3, "warn")], now, week, except_no=3) == 2
    assert earlier_warnings([case(1, state="undone"), case(2, state="dropped")], now, week, except_no=9) == 0
    assert earlier_warnings([case(1, "ad"), case(2, "kick")], now, week, except_no=9) == 0
    assert earlier_warnings([case(1)], START + week, week, except_no=9) == 0


@given(st.integers(0, 30), st.integers(1, 20), st.booleans())
def test_the_ladder_only_climbs(earlier: int, allowed: int, may_remove: bool):
    order = [Step.REMIND, Step.WARN, Step.ASK, Step.REMOVE]
    here, next_one = (next_step(n, allowed, may_remove) for n in (earlier, earlier + 1))
    assert order.index(next_one) >= order.index(here)


@pytest.mark.parametrize(
    "wrong",
    [
        {"grace": "soon"},
        {"remove_for": ["talk"]},
        {"warnings_before_removal": 0},
        {"warning": "{密码}"},
        {"grac": "3m"},
    ],
)
def test_settings_that_mean_nothing_are_refused(wrong: dict[str, Any]):
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


def test_the_grace_has_three_meanings():
    assert Settings.model_validate({"grace": "off"}).grace is None
    assert Settings.model_validate({"grace": "0s"}).grace == timedelta(0)
    assert Settings.model_validate({}).grace == timedelta(minutes=3)
