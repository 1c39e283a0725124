"""Test: words of trade written by their sound: what is meant is found, what ordinary people write stays."""

from __future__ import annotations

import random

import pytest

from bot.fold import Folded
from plugins.ad_guard.heard import Heard, heard
from plugins.ad_guard.judge import judge
from plugins.ad_guard.message import Message
from plugins.ad_guard.pieces import places
from plugins.ad_guard.sound import is_spelled, sounds_of
from plugins.ad_guard.trade import trades
from plugins.ad_guard.traits import traits
from plugins.ad_guard.wording import ID, PHONE, PRODUCT, SPELLED, characters_of, streams


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("高心兼值加为新", "高薪兼职加微信"),
        ("gaoxinjianzhijiaweixin", "高薪兼职加微信"),
        ("低息贷kuan秒xia款", "低息贷款秒下款"),
        ("招jz加vx", "招兼职加微信"),
    ],
)
def test_homophones_pinyin_and_initials_are_read_as_they_are_meant(written: str, meant: str):
    assert heard().meant(written) == meant


@pytest.mark.parametrize(
    "text", ["我简直无语了", "今天去吃饭吧", "卫星发射了", "hello你好", "a", "", "加微信", "change"]
)
def test_what_ordinary_people_write_stays(text: str):
    assert heard().meant(text) == text


def test_a_listed_homophone_stays_and_any_other_does_not():
    words = Heard("# words\n兼职 简直\n")
    assert [words.meant(text) for text in ("简直", "兼值", "jianzhi", "我jianzhi了")] == [
        "简直",
        "兼职",
        "兼职",
        "我兼职了",
    ]


def test_the_rest_of_a_word_in_pinyin_is_dropped_where_a_part_of_it_was_read():
    assert Heard("兼职\n").meant("xiangjianzhide") == "兼职"


def test_a_long_run_of_letters_costs_little_and_raises_nothing():
    chance = random.Random(3)  # noqa: S311
    for _ in range(50):
        text = "".join(chance.choice("abeinouxz微信兼职 ") for _ in range(3000))
        assert len(heard().meant(text)) <= len(text)


def test_pinyin_with_a_stray_letter_is_still_heard():
    assert sounds_of("jiavxin") == sounds_of("加微新")
    assert not is_spelled("window")
    assert streams("加weixin了解")[0] == f"加{SPELLED}了解"


def test_masked_digits_count_as_digits_and_products_are_no_accounts():
    assert characters_of("139xxxxxxxx") == PHONE
    assert characters_of("iphone6手机") == f"{PRODUCT}手机"
    assert characters_of("加abc12345吧") == f"加{ID}吧"


def _trades(text: str) -> dict[str, float]:
    return trades(text, places(*streams(text)))


def test_words_of_trade_are_counted_by_family():
    found = _trades("新楼盘首付三成，精装公寓")
    assert found["of_house"] > 0
    assert found["trade_words"] >= 0.3
    assert _trades("哈") == {}


@pytest.mark.parametrize(
    "hidden",
    ["高心兼值日节，家为新abc12345", "诚招dai理，一件dai发，jia微xin abc12345", "gaoxin jianzhi, jia weixin abc12345"],
)
def test_an_advertisement_written_by_sound_is_noticed(hidden: str):
    assert judge(Message(text=hidden)).verdict != "pass"


def test_a_folded_text_keeps_its_quote():
    text = "高心兼值日节，家为新abc12345"
    quotes = [signal.detail.partition("：")[2] for signal in judge(Message(text=text)).signals]
    assert any(quote and quote.rstrip("…") in Folded(text).original for quote in quotes)


@pytest.mark.parametrize(
    ("text", "trait"),
    [
        ("讠正 件 办 王里，身 亻分 讠正", "apart"),
        ("职兼结日，手机做就能，我加信微", "swapped"),
        ("高心兼值日节，家为新", "reread"),
    ],
)
def test_what_only_those_do_who_have_something_to_hide_is_a_trait(text: str, trait: str):
    assert traits([], heard().reread(Folded(text)))[trait] > 0.2


@pytest.mark.parametrize("text", ["今天订单有点多，手机都没电了", "兼职招人，日结，加我微信", "我在上网，他上手机了"])
def test_words_in_their_order_are_not_turned_round(text: str):
    assert "swapped" not in traits([], heard().reread(Folded(text)))
