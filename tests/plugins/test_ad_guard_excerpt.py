"""Test: an ad is found wherever it stands in a long text, whatever it is padded with."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from bot.fold import LONGEST
from plugins.ad_guard.excerpt import GLANCED, MOST, PART, excerpts
from plugins.ad_guard.judge import judge
from plugins.ad_guard.message import Message
from plugins.ad_guard.wording import model
from tests.plugins.test_ad_guard_judge import NEWCOMER, OLD, ORDINARY

AD = "需要代理的加薇 abc12345，日结，名额有限"
PADDING = {
    "unseen": "\u200b",
    "lines": "\n",
    "blanks": "\u3000 ",
    "emoji": "🌹🎉",
    "one letter": "好",
    "symbols": "~*-",
    "fillers": "\u3164\u115f",
}


def is_within(part: str, whole: str) -> bool:
    """Whether all signs of a text stand in another one in the same order."""
    rest = iter(whole)
    return all(sign in rest for sign in part)


def talk(length: int, chance: Random) -> str:
    """Ordinary messages, one after the other."""
    return "，".join(chance.choice(ORDINARY)[1] for _ in range(length // 8))[:length]


@pytest.mark.parametrize("padding", PADDING.values(), ids=PADDING)
def test_padding_hides_nothing(padding: str):
    around = padding * 2000
    found = judge(Message(text=f"{around}\n{AD}\n{around}"))
    assert found.score == pytest.approx(judge(Message(text=AD)).score, abs=0.05)
    assert found.verdict == "act"


@pytest.mark.parametrize("before", [1200, 3000, 7000])
def test_an_ad_in_the_middle_of_long_talk_is_read(before: int):
    """The talk is made of messages that were written to look like ads, so a few of them may win the place."""
    chance = Random(before)  # noqa: S311
    texts = [f"{talk(before, chance)}\n{AD}\n{talk(1500, chance)}" for _ in range(20)]
    assert sum(judge(Message(text=text)).verdict == "act" for text in texts) >= 14


def test_what_is_read_keeps_its_order_its_ends_and_its_bound():
    chance = Random(7)  # noqa: S311
    text = talk(GLANCED + 3000, chance)
    read = excerpts(text, model())
    assert len("".join(read)) <= MOST * PART
    assert text.startswith(read[0])
    assert text.endswith(read[-1])
    assert is_within("".join(read), text)


def test_what_stands_far_apart_in_a_long_text_does_not_belong_together():
    chat = "今天天气真好，下午去公园走走。我家猫又把杯子打翻了。会议改到下午三点，请大家准时。今晚停水，记得存水。"
    news, invitation = "新闻说刷单返利一天几百的都赚不到钱。", "加微信wang8899进家长群。"
    for apart in (6, 8, 12):
        text = f"{chat * 7}\n{news}\n{chat * apart}\n{invitation}\n{chat * 30}"
        assert judge(Message(text=text)).verdict != "act"


ARTICLES = Path(__file__).with_name("ad_guard_articles.txt").read_text("utf-8").split("\n=====\n")
"""By somebody who had not seen the judge: stories and lectures with shop signs, salesmen and swindlers in them."""


def test_a_copied_article_removes_nobody_and_hardly_an_old_member_hears_of_it():
    assert len(ARTICLES) == 10
    verdicts = [judge(Message(text=text), NEWCOMER).verdict for text in ARTICLES]
    assert "act" not in verdicts
    assert verdicts.count("pass") >= 6
    stitched = ["\n\n".join(ARTICLES[start : start + 3]) for start in range(8)]
    assert [text[:20] for text in stitched if judge(Message(text=text), NEWCOMER).verdict == "act"] == []
    noticed = [text[:20] for text in (*ARTICLES, *stitched) if judge(Message(text=text), OLD).verdict != "pass"]
    assert len(noticed) <= 1, noticed


def test_letters_in_circles_are_no_padding():
    for text in ("ⓣⓔⓛⓔⓖⓡⓐⓜ：@ⓡⓘⓒⓗⓑⓞⓢⓢ 代收款", "出各类银行卡，USDT换汇 🇹🇪🇱🇪🇬🇷🇦🇲 @ⓡⓘⓒⓗⓑⓞⓢⓢ"):
        found = judge(Message(text=text + "\u200b" * 3000))
        assert found.score == pytest.approx(judge(Message(text=text)).score, abs=0.02)


def test_a_text_that_is_not_long_is_read_as_it_stands():
    for text in ("", AD, "\u200b" * LONGEST, "a" * LONGEST):
        assert excerpts(text, model()) == [text]


def test_offer_and_contact_that_blanks_drive_apart_belong_together():
    near, far = judge(Message(text="诚招代理，一手货源\n加微信abc12345")), "诚招代理，一手货源{}加微信abc12345"
    assert near.verdict == "act"
    for padding in PADDING.values():
        if padding != "好":
            assert judge(Message(text=far.format(padding * 300))).score == pytest.approx(near.score, abs=0.1)
