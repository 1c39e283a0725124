"""Test: what the text cannot tell: copies, standing, lessons, modes, and what would have changed the outcome."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Kind, Mode, Signal
from plugins.ad_guard.family import FAMILIES, NAMES, families, family_of
from plugins.ad_guard.hearing import Hearing, hear, mode_of, otherwise, without
from plugins.ad_guard.lesson import Lesson
from plugins.ad_guard.message import JudgeContext, Judgement, Message
from plugins.ad_guard.near import Sketch
from plugins.ad_guard.opinion import read_answer
from plugins.ad_guard.quote import contacts
from plugins.ad_guard.standing import Standing, weigh
from plugins.ad_guard.trail import Copies

AD = Message(text="需要代理的加薇 abc12345，日结，名额有限")
OLD = JudgeContext(days_in_group=None, messages_before=100)
NEW = JudgeContext(days_in_group=1, messages_before=0)
KNOWN = Standing(ordinary=3, enough=3)
PROBABLY = Judgement(0.7, "warn", (Signal("property", "房产：旺铺", 0.4),))
SURELY = Judgement(0.97, "act", (Signal("wechat_id", "微信号：abc12345", 0.8),))


def lesson(*, is_ad: bool) -> Lesson:
    return Lesson(7, "g1", is_ad, Sketch(1), "x", "管理员", datetime(2026, 1, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("standing", "context", "verdict"),
    [
        (KNOWN, OLD, "warn"),
        (Standing(), OLD, "warn"),
        (Standing(ordinary=2, enough=3), OLD, "act"),
        (Standing(ordinary=3, enough=3, warned_before=True), OLD, "act"),
        (Standing(Copies(own_groups=1), 3, 3), OLD, "act"),
        (Standing(Copies(others_groups=1), 3, 3), OLD, "act"),
        (Standing(Copies(own=3, others=4), 3, 3), OLD, "warn"),
        (KNOWN, NEW, "act"),
        (KNOWN, JudgeContext(admin=True), "pass"),
    ],
)
def test_acting_alone_takes_something_the_text_cannot_give(standing: Standing, context: JudgeContext, verdict: str):
    assert weigh(SURELY, standing, context, needs_context=True).verdict == verdict


def test_a_code_in_a_picture_is_such_a_thing_and_the_demand_can_be_switched_off():
    pictured = Judgement(0.97, "act", (Signal("qr_code", "图中二维码：https://u.wechat.com/x", 0.6),))
    assert weigh(pictured, KNOWN, OLD, needs_context=True).verdict == "act"
    assert weigh(SURELY, KNOWN, OLD, needs_context=False).verdict == "act"


def test_different_people_who_say_the_same_by_chance_are_no_wave():
    """A price or a turn of phrase comes up in many groups; it takes an offer or a contact to make a wave of it."""
    talk = Judgement(0.4, "pass", (Signal("wording", "用语像广告：批发 35 一件", 0.8),))
    waves = Copies(others=5, others_groups=9)
    assert weigh(talk, Standing(waves, 3, 3), OLD, needs_context=True).verdict == "pass"
    offer = Judgement(0.4, "pass", (*talk.signals, Signal("property", "房产：旺铺", 0.4)))
    assert weigh(offer, Standing(waves, 3, 3), OLD, needs_context=True).verdict == "warn"
    assert weigh(talk, Standing(Copies(own_groups=2), 3, 3), OLD, needs_context=True).verdict == "warn"


def test_copies_lift_a_probable_ad_over_the_line_and_nothing_else():
    several = Standing(Copies(own_groups=2), 3, 3)
    assert weigh(PROBABLY, several, OLD, needs_context=True).verdict == "act"
    assert weigh(Judgement(0.001, "pass"), several, OLD, needs_context=True) == Judgement(0.001, "pass")
    held = Judgement(0.9, "warn", PROBABLY.signals)
    assert weigh(held, several, OLD, needs_context=True).verdict == "warn", "the judge found no cue to act upon"


@settings(max_examples=200)
@given(
    st.floats(0, 1),
    st.builds(Copies, *[st.integers(0, 9)] * 4),
    st.integers(0, 5),
    st.booleans(),
    st.sampled_from(["pass", "warn", "act"]),
)
def test_more_copies_never_lower_the_score(score: float, copies: Copies, ordinary: int, warned: bool, verdict: str):
    judged = Judgement(score, verdict, (Signal("agency", "招代理：代理", 0.5),))  # type: ignore[arg-type]
    plain = weigh(judged, Standing(ordinary=ordinary), OLD, needs_context=True)
    more = weigh(judged, Standing(copies, ordinary, 3, warned), OLD, needs_context=True)
    assert 0 <= plain.score <= more.score + 1e-6 <= 1 + 1e-6
    order = ["pass", "warn", "act"]
    assert order.index(more.verdict) >= order.index(plain.verdict)
    if score < 0.02:
        assert more.verdict == "pass"


def test_a_lesson_decides():
    harmless = weigh(SURELY, Standing(lesson=lesson(is_ad=False)), OLD, needs_context=True)
    assert (harmless.verdict, harmless.score) == ("pass", 0.01)
    taught = weigh(Judgement(0.0, "pass"), Standing(lesson=lesson(is_ad=True)), OLD, needs_context=True)
    assert taught.verdict == "act"
    assert taught.score > 0.9
    assert taught.signals[0].name == "lesson"


# ---- leaving something out


def test_without_its_words_an_ad_is_none_and_the_outcome_says_so():
    hearing = Hearing((AD,), OLD, Standing(ordinary=0))
    judged = hear(hearing)
    assert judged.verdict == "act"
    assert hear(without(hearing, [s for s in judged.signals if s.weight > 0])).verdict == "pass"
    reasons = otherwise(hearing, judged)
    assert 1 <= len(reasons) <= 3
    assert all(reason.weight == 0 and "就是" in reason.detail for reason in reasons)


@pytest.mark.parametrize(
    ("hearing", "name"),
    [
        (Hearing((Message(kind=Kind.CARD, title="装修张师傅"),), NEW), "newcomer"),
        (Hearing((Message(kind=Kind.CARD, title="招代理日结"),), OLD), "contact_card"),
        (
            Hearing((Message(kind=Kind.IMAGE, findings=(Signal("qr_code", "https://weixin.qq.com/g/A", 0.6),)),), OLD),
            "qr_code",
        ),
        (Hearing((Message(text="兼职的看过来"), Message(text="日结200"), Message(text="加我微信")), OLD), "split"),
        (Hearing((Message(text="周末去哪玩", sender_name="兼职日结加薇abc12345"),), OLD), "nickname"),
    ],
)  # fmt: skip
def test_leaving_out_one_kind_of_signal_lowers_the_score(hearing: Hearing, name: str):
    judged = hear(hearing)
    (signal,) = [s for s in judged.signals if s.name == name] or [Signal(name, "", 0.5)]
    rest = hear(without(hearing, [signal]))
    assert rest.score <= judged.score
    assert name not in {s.name for s in rest.signals}


def test_every_family_has_a_name_and_reasons_of_no_weight_have_none():
    assert set(NAMES) == set(FAMILIES)
    assert families([Signal("score", "", 0.9), Signal("policy", "", 0.0), Signal("admin", "", -1.0)]) == frozenset()
    assert family_of("anything new") == "wording"


def test_modes_by_family():
    hearing = Hearing((AD,), OLD, Standing(ordinary=0))
    judged = hear(hearing)
    everything = dict.fromkeys(FAMILIES, Mode.SHADOW)
    assert mode_of(hearing, judged, {}) == (judged, Mode.ENFORCE)
    assert mode_of(hearing, judged, {"qr": Mode.DRY}) == (judged, Mode.ENFORCE)
    assert mode_of(hearing, judged, everything)[1] is Mode.SHADOW
    assert mode_of(hearing, judged, dict.fromkeys(FAMILIES, Mode.DRY))[1] is Mode.DRY
    assert mode_of(hearing, judged, {**everything, "qr": Mode.DRY})[1] is Mode.SHADOW


def test_contacts_are_read_back_from_their_signals():
    found = [
        Signal("wechat_id", "微信号：加薇 ABC１２３", 0.8),
        Signal("link", "网址：http://a.top/x（不是 b）", 0.3),
        Signal("recruit", "招兼职：兼职", 0.5),
        Signal("delivery", "像快递：x", -0.3),
    ]
    assert contacts(found) == ["加薇abc123", "httpatopx"]


# ---- what a model answers


@pytest.mark.parametrize(
    ("text", "error", "answer"),
    [
        ('{"ad": true, "reason": "招兼职"}', "", (True, "招兼职")),
        ('好的：```json\n{"ad": false, "reason": "熟人"}\n```', "", (False, "熟人")),
        ('{"ad": "yes"}', "", (None, "")),
        ('{"ad": true, "reason": 3}', "", (True, "")),
        ("是广告", "", (None, "回答读不懂")),
        ("[1, 2]", "", (None, "回答读不懂")),
        ("", "今天的次数用完了", (None, "今天的次数用完了")),
        ('{"ad": false}', "timed out", (None, "timed out")),
    ],
)
def test_an_answer_is_read_or_is_none(text: str, error: str, answer: tuple[bool | None, str]):
    assert read_answer(text, error) == answer
