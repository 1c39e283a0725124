"""Test: the week judged again: the same data give the same, a packet saves, a burst is one, the answer stays short."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.actions import SendImage, SendText
from bot.events import RedPacketSent
from bot.model import Member
from plugins.ad_guard import plugin as ad_guard
from plugins.ad_guard.again import replay
from plugins.ad_guard.guard import Settings
from plugins.ad_guard.lesson import SHORTEST
from plugins.ad_guard.near import sketch_text
from plugins.ad_guard.replay import judge_again
from plugins.moderation import plugin as moderation
from tests.engine.stage import ADMIN, OWNER, running_app

AD = "需要代理的加薇 abc12345，日结，名额有限"
T0 = 1_767_000_000.0


def week(*lines: tuple[str, float, str, str], **more: Any) -> dict[str, Any]:
    """lines: sender, seconds after T0, kind, text."""
    people = {sender: (f"群友{sender}", T0 - 86_400, 0) for sender, *_ in lines}
    return {
        "lines": [(f"m{no}", sender, T0 + after, kind, said) for no, (sender, after, kind, said) in enumerate(lines)],
        "people": people,
        "policies": [Settings.model_validate({}).model_dump_json()],
        "grace": 180.0,
        "lessons": [],
        **more,
    }


def test_a_packet_in_time_saves_and_one_too_late_does_not():
    (found,) = replay(
        week(
            ("a", 0, "text", AD),
            ("b", 10, "text", AD),
            ("a", 179, "red_packet", ""),
            ("b", 200, "red_packet", ""),
        )
    )
    assert [(each["id"], each["paid"], each["remove"]) for each in found] == [("m0", True, False), ("m1", False, True)]


def test_a_burst_is_one_and_later_it_counts_anew():
    (found,) = replay(week(*(("a", after, "text", AD) for after in (0, 5, 30, 599, 601))))
    assert [each["id"] for each in found] == ["m0", "m4"]


def test_ordinary_talk_and_those_who_are_not_judged_pass():
    quiet = week(("a", 0, "text", "明天下午三点图书馆见"), ("admin", 5, "text", AD), ("a", 9, "image", ""))
    del quiet["people"]["admin"]
    assert replay(quiet) == [[]]


def test_a_family_that_only_watches_removes_nobody():
    watching = {"contact": "shadow", "wording": "shadow", "newcomer": "shadow", "disguise": "shadow"}
    policy = Settings.model_validate({"signal_modes": watching}).model_dump_json()
    (found,) = replay(week(("a", 0, "text", AD), policies=[policy]))
    assert [(each["watched"], each["remove"]) for each in found] == [(True, False)]


def test_what_was_cleared_passes_and_what_was_pointed_out_does_not():
    odd = "今晚八点老地方一起唱歌，谁来都欢迎"
    ham, ad = sketch_text(AD, SHORTEST), sketch_text(odd, SHORTEST)
    assert ham is not None
    assert ad is not None
    lessons = [(1, False, ham.bits, ham.text), (2, True, ad.bits, ad.text)]
    (found,) = replay(week(("a", 0, "text", AD), ("b", 5, "text", odd), lessons=lessons))
    assert [each["id"] for each in found] == ["m1"]


def test_the_same_data_give_the_same():
    material = week(("a", 0, "text", AD), ("b", 5, "text", "有需要的朋友可以加我微信 abc12345 了解一下"))
    argument = json.dumps(material, ensure_ascii=False)
    assert judge_again(argument) == judge_again(argument)
    assert len(json.loads(judge_again(argument))[0]) == 2


async def test_a_long_answer_is_twelve_lines_and_a_file(tmp_path: Path):
    sellers = tuple(Member(f"s{number}", f"卖家{number}") for number in range(12))
    async with running_app(tmp_path, ad_guard, moderation, members=(OWNER, ADMIN, *sellers), bot__mode="dry") as stage:
        for seller in sellers:
            await stage.say(AD, seller)
            await stage.after(minutes=1)
        await stage.handle(RedPacketSent(id="rp", at=stage.clock.now(), group="g1", sender=sellers[0]))
        await stage.say("/撤销 W1", ADMIN, group="")
        before = len(stage.far.sent)
        await stage.say("/回放 7天 warn_at=0.4", ADMIN, group="")
        await stage.app.settle()
        begun, answer, whole = stage.far.actions[before:]
        assert isinstance(begun, SendText)
        assert isinstance(answer, SendText)
        assert isinstance(whole, SendImage)
        assert answer.to == whole.to == ADMIN.id
        assert len(answer.text.splitlines()) <= 12
        assert len(whole.text.splitlines()) == 12
        assert "W1 卖家0" in answer.text
