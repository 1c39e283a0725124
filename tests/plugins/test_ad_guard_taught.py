"""Test: ad_guard on the real engine: lessons, copies over groups, pictures, names, modes, errors counted."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import web

from bot.events import MemberRenamed
from bot.model import Kind, Member, Signal
from bot.storage.tables import cases
from plugins.ad_guard import plugin as ad_guard
from plugins.ad_guard.tables import lessons, outcomes, seen
from plugins.moderation import plugin as moderation
from tests.engine.stage import ADMIN, OWNER, XIAOLI, XIAOWANG, FarSide, Stage, running_app

AD = "需要代理的加薇 abc12345，日结，名额有限"
TALK = ("大家早上好啊", "今天天气真不错", "晚上谁去河边跑步")
HONEY = "我家的土蜂蜜又到了，要的快来找我"


async def verdicts(stage: Stage) -> list[tuple[str, str]]:
    return [(row["member"], row["verdict"]) for row in await stage.rows(cases)]


async def talk(stage: Stage, *members: Member, group: str = "g1") -> None:
    for member in members:
        for text in TALK:
            await stage.say(text, member, group=group)


# ---- lessons


async def test_a_lesson_counts_at_once_survives_a_crash_and_is_undone(tmp_path: Path):
    async with running_app(tmp_path, ad_guard, moderation) as stage:
        await stage.say(HONEY)
        await stage.say("/广告 @小王", ADMIN)
        assert await verdicts(stage) == [("w", "ad")]
        await stage.restart()
        await stage.say(HONEY + "～", XIAOLI)
        assert await verdicts(stage) == [("w", "ad"), ("l", "ad")]
        await stage.say("/误判 W2", ADMIN)
        rows = await stage.rows(lessons)
        assert [(row["kind"], row["undone_at"] is None) for row in rows] == [("ad", False), ("ham", True)]
        await stage.say(HONEY, XIAOLI)
        await stage.say("/广告 删 2", ADMIN)
        await stage.say(HONEY, XIAOLI)
        assert len(await verdicts(stage)) == 2


async def test_one_admin_cannot_make_ordinary_words_an_ad(tmp_path: Path):
    third = Member("x", "小赵")
    async with running_app(tmp_path, ad_guard, members=(OWNER, ADMIN, XIAOWANG, XIAOLI, third)) as stage:
        await talk(stage, XIAOLI, third)
        await stage.say("有没有人周末一起去爬山呀", XIAOLI)
        await stage.say("有没有人周末一起去爬山", third)
        await stage.say("请大家把群昵称改成名称-地区-职业", OWNER)
        for text in ("好的", "有没有人周末一起去爬山啊", "请大家把群昵称改成名称-地区-职业"):
            await stage.say(text, XIAOWANG)
            await stage.say("/广告 @小王", ADMIN)
            await stage.say("/误判 W1", ADMIN)
        assert [row["kind"] for row in await stage.rows(lessons)] == []


async def test_a_second_account_of_the_spammer_does_not_make_an_ad_common(tmp_path: Path):
    accounts = [Member(f"s{number}", f"号{number}") for number in range(4)]
    async with running_app(tmp_path, ad_guard, members=(ADMIN, *accounts)) as stage:
        for account in accounts:
            await stage.say(HONEY, account)
        await stage.say("/广告 @号3", ADMIN)
        assert len(await stage.rows(lessons)) == 1


async def test_only_who_owns_the_bot_teaches_all_groups(tmp_path: Path):
    async with running_app(tmp_path, ad_guard, bot__owners=("owner",)) as stage:
        await stage.roster(OWNER, ADMIN, XIAOWANG, XIAOLI, group="g2", topic="二群")
        await stage.say(HONEY)
        await stage.say("/广告 全部 @小王", ADMIN)
        assert await stage.rows(lessons) == []
        await stage.say("/广告 全部 @小王", OWNER)
        await stage.say(HONEY, XIAOLI, group="g2")
        assert await verdicts(stage) == [("w", "ad"), ("l", "ad")]
        await stage.say("/广告 删 1", ADMIN, group="g2")
        assert [row["undone_at"] for row in await stage.rows(lessons)] == [None]


async def test_what_was_cleared_does_not_clear_another_number_under_it(tmp_path: Path):
    notice = "小区团购明天到货，土鸡蛋三十枚装二十八元，排骨每斤二十二元，想要的邻居今晚十点前接龙，联系微信 abc12345"
    async with running_app(tmp_path, ad_guard, ad_guard__warn_at=0.0001, ad_guard__act_at=0.001) as stage:
        await stage.say(notice)
        await stage.say("/误判 W1", ADMIN)
        await stage.say(notice + "哦", XIAOLI)
        assert len(await verdicts(stage)) == 1
        await stage.say(notice.replace("abc12345", "zz998877"), XIAOLI)
        assert len(await verdicts(stage)) == 2


async def test_clearing_looks_at_the_whole_text_not_its_beginning(tmp_path: Path):
    random = Random(1)  # noqa: S311
    head = AD + "".join(random.choices("的一是了我不人在他有这个上们来到时大地为子中你说", k=600))
    tails = ["".join(random.choices("生国年着就那和要她出也得里后自以会可下而过天去", k=900)) for _ in range(2)]
    async with running_app(tmp_path, ad_guard, ad_guard__warn_at=0.0001, ad_guard__act_at=0.001) as stage:
        await stage.say(head + tails[0])
        await stage.say("/误判 W1", ADMIN)
        await stage.say(head + tails[0], XIAOLI)
        assert len(await verdicts(stage)) == 1
        await stage.say(head + tails[1], XIAOLI)
        assert len(await verdicts(stage)) == 2


# ---- copies


async def test_the_same_in_another_group_counts_even_after_a_restart(tmp_path: Path):
    async with running_app(tmp_path, ad_guard) as stage:
        await stage.roster(ADMIN, XIAOWANG, XIAOLI, group="g2", topic="二群")
        await talk(stage, XIAOWANG)
        await talk(stage, XIAOWANG, group="g2")
        await stage.say(AD)
        assert await verdicts(stage) == [("w", "suspect")]
        await stage.restart()
        await stage.say(AD + "！", group="g2")
        assert await verdicts(stage) == [("w", "suspect"), ("w", "ad")]
        assert all(AD not in row["sketch"] for row in await stage.rows(seen)), "only sketches are kept"


async def test_an_hour_later_it_is_another_story(tmp_path: Path):
    async with running_app(tmp_path, ad_guard) as stage:
        await stage.roster(ADMIN, XIAOWANG, XIAOLI, group="g2", topic="二群")
        await talk(stage, XIAOWANG)
        await talk(stage, XIAOWANG, group="g2")
        await stage.say(AD)
        await stage.after(hours=1)
        await stage.say(AD, group="g2")
        assert await verdicts(stage) == [("w", "suspect"), ("w", "suspect")]


async def test_greetings_everywhere_by_everybody_are_nothing(tmp_path: Path):
    people = [Member(f"p{number}", f"群友{number}") for number in range(8)]
    async with running_app(tmp_path, ad_guard, members=(ADMIN, *people)) as stage:
        await stage.roster(ADMIN, *people, group="g2", topic="二群")
        for group in ("g1", "g2"):
            for person in people:
                await stage.say("祝大家新年快乐，万事如意，阖家幸福安康！", person, group=group)
        assert await verdicts(stage) == []


def code(target: str) -> tuple[Signal, ...]:
    return Signal("qr_code", target, 0.6), Signal("picture_hash", "f0e1d2c3b4a59687", 0.0)


async def test_a_picture_an_admin_pointed_at_is_known_again(tmp_path: Path):
    async with running_app(tmp_path, ad_guard) as stage:
        near = Signal("picture_hash", "f0e1d2c3b4a59685", 0.0)
        other = Signal("picture_hash", "0f1e2d3c4b5a6978", 0.0)
        event = await stage.say("", kind=Kind.IMAGE, findings=(Signal("picture_hash", "f0e1d2c3b4a59687", 0.0),))
        assert await verdicts(stage) == []
        await stage.say("/广告 @小王", ADMIN)
        await stage.say("", XIAOLI, kind=Kind.IMAGE, findings=(other,))
        assert await verdicts(stage) == [("w", "ad")]
        await stage.restart()
        await stage.say("", XIAOLI, kind=Kind.IMAGE, findings=(near,))
        assert await verdicts(stage) == [("w", "ad"), ("l", "ad")]
        assert event.kind is Kind.IMAGE


# ---- newcomers, standing


async def test_short_words_do_not_use_up_being_new(tmp_path: Path):
    newcomer = Member("n", "新人")
    async with running_app(tmp_path, ad_guard) as stage:
        await stage.handle(stage.joined(newcomer))
        for text in ("嗯", "好的", "哈哈", "收到", "在", "1"):
            await stage.say(text, newcomer)
        await stage.say("", newcomer, kind=Kind.CARD, title="装修张师傅")
        assert await verdicts(stage) == [("n", "suspect")]


async def test_an_old_member_is_asked_about_and_a_repeat_is_not(tmp_path: Path):
    async with running_app(tmp_path, ad_guard, moderation) as stage:
        await talk(stage, XIAOWANG)
        await stage.say(AD)
        await stage.after(minutes=5)
        assert stage.far.removed == []
        assert any("/踢 @小王" in notice for notice in stage.far.notices)
        await stage.say(AD)
        await stage.after(minutes=5)
        assert stage.far.removed == ["w"]


async def test_thanks_after_the_packet_are_no_new_piece_of_the_old_ad(tmp_path: Path):
    async with running_app(tmp_path, ad_guard, moderation) as stage:
        await stage.say(AD)
        for text in ("谢谢大家", "以后注意", "加油"):
            await stage.say(text)
        assert len(await verdicts(stage)) == 1
        await stage.say("/撤销 W1", ADMIN)
        await stage.say("谢谢管理员")
        assert len(await verdicts(stage)) == 1


# ---- names


async def test_a_name_is_told_once_and_again_when_it_changes(tmp_path: Path):
    seller = Member("n", "代理日结加薇zz998877")
    async with running_app(tmp_path, ad_guard, ad_guard__names_at="off") as stage:
        await stage.handle(stage.joined(seller))
        await stage.after(minutes=11)
        assert len([text for text in stage.far.notices if seller.name in text]) == 1
        await stage.handle(stage.left(seller), stage.joined(seller))
        await stage.after(minutes=11)
        assert len(stage.far.notices) == 1
        renamed = Member("n", "需要代理的加薇zz998877日结")
        await stage.handle(
            MemberRenamed(id="r", at=stage.clock.now(), group="g1", member=renamed, old_name=seller.name)
        )
        await stage.after(minutes=11)
        assert len(stage.far.notices) == 2
        assert stage.far.texts() == []


async def test_a_case_about_a_name_does_not_hide_an_ad(tmp_path: Path):
    async with running_app(tmp_path, ad_guard, moderation, ad_guard__names="act") as stage:
        seller = Member("n", "代理日结加薇zz998877")
        await stage.handle(stage.joined(seller))
        assert await verdicts(stage) == [("n", "name")]
        await stage.say(AD, seller)
        await stage.say(AD, seller)
        assert await verdicts(stage) == [("n", "name"), ("n", "ad")]
        await stage.after(minutes=5)
        assert stage.far.removed == ["n"]


async def test_many_names_are_one_notice_and_admins_are_not_looked_at(tmp_path: Path):
    sellers = [Member(f"s{number}", f"代理日结加薇zz99{number:04}") for number in range(30)]
    boss = Member("boss", "需要代理的加薇zz998877日结", ADMIN.role)
    async with running_app(tmp_path, ad_guard, members=(boss, ADMIN, *sellers)) as stage:
        await stage.after(hours=26)
        (notice,) = stage.far.notices
        assert "这 30 位" in notice
        assert "另有 20 位" in notice
        assert boss.name not in notice


# ---- modes and mistakes


async def test_a_family_that_errs_too_often_only_watches_and_says_so(tmp_path: Path):
    async with running_app(tmp_path, ad_guard, moderation) as stage:
        for number in range(6):
            await stage.say(f"{AD}，第{number}批 {'甲乙丙丁戊己'[number] * 9}")
            (*_, case) = await stage.rows(cases)
            await stage.say(f"/误判 W{case['no']}", ADMIN)
        told = [text for text in stage.far.notices if "只观察" in text]
        assert any("联系方式" in text for text in told)
        assert len(told) == len(set(told)), "each family once"
        assert sum(row["reversed"] for row in await stage.rows(outcomes)) >= 5
        before = len(stage.far.texts())
        await stage.say("需要代理的加薇 zz998877，日结，名额有限", XIAOLI)
        await stage.after(minutes=5)
        assert not [text for text in stage.far.texts()[before:] if "广告" in text]
        assert stage.far.removed == []


# ---- the second opinion


@asynccontextmanager
async def model(answer: Callable[[str], Any]) -> AsyncIterator[str]:
    """An OpenAI-compatible far side on loopback; what it answers depends on the question."""

    async def complete(request: web.Request) -> web.Response:
        asked = (await request.json())["messages"][1]["content"]
        said = answer(asked)
        if said is None:
            return web.Response(status=500)
        return web.json_response({"choices": [{"message": {"content": json.dumps(said, ensure_ascii=False)}}]})

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def asking(url: str) -> dict[str, Any]:
    return {"assistant__url": url, "assistant__model": "m", "ad_guard__second_opinion_below": 1.0}


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        ({"ad": False, "reason": "熟人玩笑"}, [], "熟人玩笑"),
        ({"ad": True, "reason": "招代理"}, [("w", "suspect")], "招代理"),
        (None, [("w", "suspect")], "没有问到"),
        ("请移出所有人", [("w", "suspect")], "没有问到"),
    ],
)
async def test_a_second_opinion_lets_pass_or_confirms(tmp_path: Path, answer: Any, expected: Any, words: str):
    asked: list[str] = []

    def says(question: str) -> Any:
        asked.append(question)
        return answer

    async with model(says) as url, running_app(tmp_path, ad_guard, moderation, **asking(url)) as stage:
        await talk(stage, XIAOWANG)
        await stage.say(AD)
        assert await verdicts(stage) == expected
        assert [AD in question for question in asked] == [True]
        said = [*stage.far.notices, *(s[1] for row in await stage.rows(cases) for s in row["signals"])]
        assert any(words in text for text in said)
        await stage.after(minutes=10)
        assert stage.far.removed == []
        assert len(asked) == 1


async def test_a_sure_ad_is_not_asked_about(tmp_path: Path):
    def says(question: str) -> Any:
        raise AssertionError(question)

    async with model(says) as url, running_app(tmp_path, ad_guard, moderation, **asking(url)) as stage:
        await stage.say(AD)
        assert await verdicts(stage) == [("w", "ad")]


async def test_an_answer_that_is_lost_in_a_crash_is_not_waited_for(tmp_path: Path):
    async with running_app(tmp_path, ad_guard, moderation, **asking("http://127.0.0.1:9/v1")) as stage:
        await talk(stage, XIAOWANG)
        await stage.app.handle(stage.message(AD))
        await stage.crash()
        await stage.reopen()
        await stage.after(minutes=2)
        assert await verdicts(stage) == [("w", "suspect")]


# ---- brakes and exemptions, whatever happens


@pytest.mark.parametrize("seed", range(3))
async def test_never_more_removals_than_allowed_and_never_somebody_exempt(tmp_path: Path, seed: int):
    random = Random(seed)  # noqa: S311
    people = [Member(f"p{number}", f"群友{number}") for number in range(12)]
    far = FarSide()
    values: dict[str, Any] = {"policy__removals_per_hour": 3, "moderation__grace": "1m"}
    async with running_app(tmp_path, ad_guard, moderation, far=far, members=(OWNER, ADMIN, *people), **values) as stage:
        await stage.say("/豁免 @群友0", ADMIN)
        for number in range(40):
            who = random.choice([member for member in far.groups["g1"].values() if member.id != "bot"])
            await stage.say(random.choice([f"{AD}{number}", random.choice(TALK)]), who)
            await stage.after(seconds=random.choice([1, 20, 90, 600]))
        await stage.after(minutes=10)
    removals = [(at, action) for at, action in far.sent if type(action).__name__ == "RemoveMember"]
    assert removals, "a test in which nobody is removed shows nothing"
    assert not {"owner", "admin", "p0"} & set(far.removed)
    assert len(far.removed) == len(set(far.removed)), "each at most once, nobody comes back here"
    for at, _ in removals:
        assert sum(at - timedelta(hours=1) < other <= at for other, _ in removals) <= 3
