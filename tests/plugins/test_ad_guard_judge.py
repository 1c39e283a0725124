"""Test: the judge: the hand-written rows, every kind of message, what context changes, and what it costs."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Kind, Signal
from plugins.ad_guard.judge import judge, judge_together
from plugins.ad_guard.message import JudgeContext, Message

ROWS = Path(__file__).with_name("ad_guard_rows.tsv")
NEWCOMER = JudgeContext(days_in_group=0.2, messages_before=0)
OLD = JudgeContext(days_in_group=400, messages_before=200)
AD = "需要代理的加薇 abc12345，日结，名额有限"


def rows(label: str) -> list[tuple[str, str]]:
    """Situation and text of the rows with this label."""
    found = []
    for line in ROWS.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            written, situation, text = line.split("\t")
            if written == label:
                found.append((situation, text.replace("\\n", "\n").replace("\\u200b", "\u200b")))
    return found


ADS, ORDINARY = rows("ad"), rows("ok")


@pytest.mark.parametrize(("situation", "text"), ORDINARY)
def test_ordinary_messages_pass(situation: str, text: str):
    assert judge(Message(text=text)).verdict == "pass", judge(Message(text=text))
    assert judge(Message(text=text), OLD).verdict == "pass"


def test_there_are_enough_rows_and_nine_ads_in_ten_are_seen():
    seen = [text for _, text in ADS if judge(Message(text=text)).verdict != "pass"]
    assert len(ADS) >= 150
    assert len(ORDINARY) >= 200
    missed = [text for _, text in ADS if text not in seen]
    assert len(seen) / len(ADS) >= 0.93, "\n".join(missed)


def test_four_ads_in_five_are_sure():
    sure = [text for _, text in ADS if judge(Message(text=text)).verdict == "act"]
    assert len(sure) / len(ADS) >= 0.8


def test_no_ordinary_row_of_a_newcomer_leads_to_a_removal():
    acted = [text for _, text in ORDINARY if judge(Message(text=text), NEWCOMER).verdict == "act"]
    assert acted == []


@pytest.mark.parametrize(
    ("message", "signal"),
    [
        (Message(text="http://taoba0.com/x 登录"), "look_alike_link"),
        (Message(text="招代理日结，http://abc.top/x"), "cheap_link"),
        (Message(kind=Kind.LINK, title="免费领牛股", url="http://x.top/a"), "cheap_link"),
        (Message(kind=Kind.MINIPROGRAM, title="免费领牛股"), "miniprogram"),
        (Message(kind=Kind.CARD, title="招代理日结兼职"), "contact_card"),
        (Message(kind=Kind.RECORD, title="内幕消息，牛股涨停"), "forwarded_record"),
        (Message(kind=Kind.FILE, file_name="轻松赚钱.apk"), "program_file"),
        (Message(kind=Kind.IMAGE, findings=(Signal("qr_code", "https://weixin.qq.com/g/Aw", 0.6),)), "qr_code"),
        (Message(kind=Kind.IMAGE, findings=(Signal("picture_text", AD, 0.6),)), "wechat_id"),
        (Message(text=AD, sender_name="招代理日结兼职"), "nickname"),
    ],
)
def test_each_kind_gives_its_own_signal_with_a_detail(message: Message, signal: str):
    found = {s.name: s for s in judge(message, NEWCOMER).signals}
    assert signal in found
    assert found[signal].detail
    assert found[signal].weight > 0


@pytest.mark.parametrize(
    "message",
    [
        Message(kind=Kind.CARD, title="张三"),
        Message(kind=Kind.FILE, file_name="会议纪要.docx"),
        Message(kind=Kind.FILE, file_name="app-release.apk"),
        Message(kind=Kind.MINIPROGRAM, title="接龙管家"),
        Message(kind=Kind.RECORD, title="群聊的聊天记录"),
        Message(kind=Kind.LINK, title="春天来了", url="https://mp.weixin.qq.com/s/x"),
        Message(kind=Kind.IMAGE, findings=(Signal("qr_code", "wxp://f2f0abc", 0.6),)),
        Message(kind=Kind.IMAGE, findings=(Signal("qr_code", "https://mp.weixin.qq.com/s/x", 0.6),)),
        Message(kind=Kind.IMAGE, findings=(Signal("qr_code", "序列号 8812", 0.6),)),
        Message(kind=Kind.VOICE),
        Message(),
    ],
)
def test_what_members_send_every_day_passes(message: Message):
    assert judge(message).verdict == "pass"
    assert judge(message, OLD).verdict == "pass"


def test_a_newcomer_is_judged_more_strictly_and_an_old_hand_less():
    message = Message(kind=Kind.CARD, title="装修张师傅")
    assert judge(message, NEWCOMER).verdict == "warn"
    assert judge(message, OLD).score < judge(message).score < judge(message, NEWCOMER).score


def test_who_has_spoken_or_has_been_here_is_no_newcomer():
    assert JudgeContext(days_in_group=1, messages_before=2).newcomer
    assert JudgeContext(days_in_group=1).newcomer
    assert not JudgeContext(days_in_group=1, messages_before=3).newcomer
    assert not JudgeContext(days_in_group=8, messages_before=0).newcomer
    assert not JudgeContext(messages_before=0).newcomer, "unknown is not new"
    assert not JudgeContext(days_in_group=1, messages_before=0, newcomer_days=0).newcomer


def test_an_answer_is_judged_milder_and_an_admin_never():
    text = "要兼职的加v：abc12345"
    assert judge(Message(text=text)).verdict == "warn"
    answer = judge(Message(text=text, quoted="谁有做兼职的联系方式？"))
    assert answer.verdict == "pass"
    assert any(s.name == "answers_question" and s.weight < 0 for s in answer.signals)
    assert judge(Message(text=AD), JudgeContext(admin=True)).verdict == "pass"


def test_an_allowed_site_is_no_signal():
    text = "新店开业，全场五折，好礼相送 https://shop.example.top/sale"
    allowed = JudgeContext(allow_domains=frozenset({"example.top"}))
    assert judge(Message(text=text)).verdict != "pass"
    assert not [s for s in judge(Message(text=text), allowed).signals if "link" in s.name]


def test_the_thresholds_are_the_only_difference_between_verdicts():
    score = judge(Message(text=AD)).score
    assert judge(Message(text=AD), JudgeContext(warn_at=score, act_at=score)).verdict == "act"
    assert judge(Message(text=AD), JudgeContext(warn_at=score, act_at=min(score + 1e-6, 1))).verdict == "warn"
    assert judge(Message(text=AD), JudgeContext(warn_at=min(score + 1e-6, 1), act_at=1)).verdict == "pass"


def test_more_of_an_ad_never_scores_less():
    last = "高薪兼职日结，私聊我，加微信 abc12345"
    steps = ["兼职", "兼职日结", "兼职日结，私聊我", "兼职日结，私聊我，加微信 abc12345", last]
    scores = [judge(Message(text=text)).score for text in steps]
    assert scores == sorted(scores)
    assert len(set(scores)) == len(scores)


def test_good_words_around_an_ad_do_not_hide_it():
    good = "今天天气真好，大家出门记得带伞，祝各位群友身体健康，工作顺利。" * 20
    alone = judge(Message(text=AD)).score
    assert judge(Message(text=f"{good}\n{AD}\n{good}")).score == pytest.approx(alone, abs=0.05)


def test_a_long_text_full_of_scattered_words_is_no_ad():
    words = ["有人问兼职", "后来谈到日结的事", "他的微信 abc12345 我存了", "名额有限的活动"]
    text = ("这是很长的一段闲聊，说的都是家里的事情和工作的烦恼，没有别的意思，只是想找人说说话而已。" * 8).join(words)
    assert judge(Message(text=text)).verdict != "act"


@pytest.mark.parametrize(
    "text",
    [
        "专业办理各类贷款，无抵押当天放款，中介骗子勿扰，加微信dk88990",
        "本人长期招兼职，日结200，不是骗子，加V：jz66771",
        "诚招代理，一手货源，骗子绕道，微信hy998877",
        "稳赚不赔带单老师，真实可靠拒绝骗子，加微信gp6688990",
        "已报备反诈中心，招兼职日结200元，在家打字，加微信abc12345",
        "谁是骗子谁是狗，招兼职日结200元，在家打字，加微信abc12345",
        "招兼职日结200元，在家打字，加微信abc12345，禁止诈骗",
        "招兼职日结200元，在家打字，加微信abc12345，拒绝诈骗",
    ],
)
def test_an_ad_that_calls_others_swindlers_is_an_ad(text: str):
    assert judge(Message(text=text)).verdict == "act"


@pytest.mark.parametrize(
    "text",
    [
        "大家注意，这个人是骗子：“兼职日结200，加微信jz66771”，别信",
        "谁认识这个骗子？微信zh778899，收了我押金就拉黑了",
        "有人冒充客服说花呗套现，差点上当，微信号是hy998877",
        "骗子电话13812345678，说是高薪招聘，大家别接",
        "会被骗光的，听我一句，刷单返利都这样，加微信的都拉黑",
        "差点没被骗：代理一手货源，加微信hy998877",
        "老人最怕被骗，比如刷单返利加QQ12345678",
        "我妈上当了，对方说刷单返利一天200，加微信hy998877",
        "受骗经历：代理一手货源，加微信hy998877",
        "骗子，上次说招打字员日结200，加微信abc12345，收了押金就没影了",
        "抓骗子：微信abc12345，说刷单返利",
        "骗子别来：刷单返利加QQ12345678",
    ],
)
def test_who_warns_of_a_swindler_is_left_alone(text: str):
    assert judge(Message(text=text)).verdict == "pass"
    assert judge(Message(text=text), NEWCOMER).verdict != "act"


def test_a_signal_quotes_the_original():
    found = {s.name: s.detail for s in judge(Message(text="需要👉兼❤职❤的➕薇❤：ab c12 345")).signals}
    assert found["wechat_id"] == "微信号：➕薇❤：ab c12 345"
    assert "disguise" in found


def test_signals_carry_no_hidden_characters():
    judged = judge(Message(text="加\u202e微\u200b信\u2066 abc12345\n兼职\x00日结"))
    assert judged.signals
    assert all(s.detail.isprintable() for s in judged.signals)


def test_pieces_are_judged_as_one():
    pieces = [Message(text=text) for text in ("兼职的看过来", "日结200", "加我微信", "abc12345")]
    assert all(judge(piece).verdict == "pass" for piece in pieces)
    assert judge_together(pieces).verdict == "act"
    assert judge_together([]).score == 0


@settings(max_examples=500, deadline=None)
@given(
    st.text(st.characters(), max_size=300) | st.text("加微信薇v兼职日结刷单代理0123456789abc★❤ ：/.@￥", max_size=300),
    st.sampled_from(list(Kind)),
)
def test_any_text_is_judged_without_an_error(text: str, kind: Kind):
    judged = judge(Message(text=text, title=text[:20], url=text[:50], kind=kind, sender_name=text[:10]), NEWCOMER)
    assert 0 <= judged.score <= 1
    assert judged.verdict in ("pass", "warn", "act")


PIECES = ["★", "🙂", "1", "招兼职加微信", "ab1 ", "a.", "加v1", "一二三", "http://a.b.c/", "a@b.", "(a", "\n", "招"]


@pytest.mark.parametrize("piece", PIECES)
def test_the_worst_text_of_64_kb_costs_little(piece: str):
    message = Message(text=(piece * 65_536)[:65_536])
    judge(message)
    # On a quiet machine it is a fifth of the 20 ms asked for (`shequn bench check`); here nothing may go astray.
    assert min(_seconds(message) for _ in range(3)) < 0.1


def test_an_ordinary_message_costs_little():
    messages = [Message(text=text) for _, text in ORDINARY]
    for message in messages:
        judge(message)
    took = sorted(min(_seconds(message) for _ in range(3)) for message in messages)
    assert took[len(took) // 2] < 150e-6


def _seconds(message: Message) -> float:
    """Of this thread's own work: the machine may be busy with something else."""
    start = time.thread_time()
    judge(message)
    return time.thread_time() - start


@pytest.mark.parametrize(
    "text",
    [
        "信用卡取现手续费高，还不如网贷分期，能不用就别用，征信会花",
        "公司注册现在全免费，三天拿执照，刻章也送",
        "促销文案第二稿：全场八折，会员折上折，大家看看",
    ],
)
def test_an_offer_that_leads_nowhere_is_never_acted_upon(text: str):
    """Talk of loans, papers and discounts; only a way to be reached or a call makes an advertisement of it."""
    assert judge(Message(text=text), JudgeContext(days_in_group=0.1, messages_before=0)).verdict != "act"


def test_a_warning_excuses_a_stranger_as_it_does_a_member():
    notice = "我是社区民警小周，提醒大家：最近有人发“刷单日结300，加QQ 123456789”，这是诈骗，不要加，谨防上当"
    assert judge(Message(text=notice), NEWCOMER).verdict != "act"
    warning = "现在的骗子真敢写：零门槛秒到账，不看征信，最高20万"
    assert judge(Message(text=warning), OLD).verdict == "pass"
    assert judge(Message(text=warning), NEWCOMER).verdict != "act"


@pytest.mark.parametrize("code", ["{昵称}{0.__class__}", "<b>", " </script>", "```x = 1```"])
def test_a_scrap_of_code_does_not_hide_an_advertisement_of_a_stranger(code: str):
    assert judge(Message(text=AD + code), NEWCOMER).verdict != "pass"


def test_a_report_excuses_a_member_and_a_stranger_less():
    text = f"/举报 @小李 {AD}"
    member, stranger = judge(Message(text=text), OLD), judge(Message(text=text), replace(NEWCOMER, quoting=True))
    assert member.verdict == "pass"
    assert stranger.verdict == "warn"
    assert stranger.score > judge(Message(text=text), NEWCOMER).score
