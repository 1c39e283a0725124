"""Test: what counts as talk, the ranges of a leaderboard, and words that make a cloud."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from time import perf_counter, thread_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.context import ArchivedMessage
from plugins.leaderboard.cloud import FIELD, WIDTH, paint, place
from plugins.leaderboard.command import range_of
from plugins.leaderboard.heat import SHADES, shade
from plugins.leaderboard.talk import Rules, count
from plugins.leaderboard.words import frequent

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
RULES = Rules("/／", ZoneInfo("Asia/Shanghai"))


def said(text: str, who: str = "l", at: float = 0.0, kind: str = "text") -> ArchivedMessage:
    return ArchivedMessage(f"{at}", "g1", who, NOON + timedelta(seconds=at), kind, text)


def numbers(*messages: ArchivedMessage, rules: Rules = RULES) -> dict[str, tuple[int, int]]:
    return {who: (tally.said, tally.counted) for who, tally in count(messages, rules).items()}


def test_commands_are_no_talk():
    assert numbers(said("/签到"), said(" ／活跃榜", at=60), said("今天读书", at=120)) == {"l": (1, 1)}


def test_repetitions_crumbs_and_stickers_are_talk_that_does_not_count():
    messages = [said("今天读书"), said("今天，读书！", at=60), said("嗯", at=120), said("😀😀", at=180)]
    messages += [said("", at=240, kind="sticker"), said("", at=300, kind="image")]
    assert numbers(*messages) == {"l": (6, 2)}


def test_a_long_text_is_itself_again_only_to_its_end():
    long = "今天读书" * 100
    assert numbers(said(long), said(long, at=60)) == {"l": (2, 1)}
    assert numbers(said(long), said(long + "再见", at=60)) == {"l": (2, 2)}


def test_a_day_of_endless_texts_is_added_up_at_once():
    # This is done beside everything else that the bot writes, and whoever floods must not hold that up.
    endless = [said(f"{n}、" + "今天，读书！" * 3_000, at=n * 10.0) for n in range(1_000)]
    began = thread_time()
    assert numbers(*endless, said("早上好", "w", 10_000)) == {"l": (1_000, 1_000), "w": (1, 1)}
    assert thread_time() - began < 0.5


def test_the_night_does_not_count():
    night = said("夜里说的话", at=15 * 3600)  # 03:00 in Shanghai
    assert numbers(night) == {"l": (1, 0)}
    assert numbers(night, rules=Rules("/", RULES.zone, night_until=0)) == {"l": (1, 1)}


def test_a_flood_is_talk_up_to_its_limit_and_a_minute_later_again():
    flood = [said(f"第 {n} 条", at=n * 0.5) for n in range(60)]
    assert numbers(*flood) == {"l": (10, 10)}
    assert numbers(*flood, said("又来了", at=120)) == {"l": (11, 11)}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=5), st.integers(0, 30)), max_size=60))
def test_what_counts_is_talk_and_talk_is_what_was_said(rows: list[tuple[str, str, int]]):
    at, messages = 0.0, []
    for who, text, gap in rows:
        at += gap
        messages.append(said(text, who, at))
    for who, tally in count(messages, RULES).items():
        assert 0 <= tally.counted <= tally.said <= sum(one.sender_id == who for one in messages)


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("今天", "2026-03-10", "2026-03-10"),
        ("昨天", "2026-03-09", "2026-03-09"),
        ("本周", "2026-03-09", "2026-03-10"),
        ("上周", "2026-03-02", "2026-03-08"),
        ("本月", "2026-03-01", "2026-03-10"),
        ("上月", "2026-02-01", "2026-02-28"),
        ("WEEK", "2026-03-09", "2026-03-10"),
    ],
)
def test_ranges(word: str, first: str, last: str):
    meant = range_of(word, date(2026, 3, 10))
    assert meant is not None
    assert meant[1:] == (date.fromisoformat(first), date.fromisoformat(last))
    assert range_of("去年", date(2026, 3, 10)) is None


def test_the_words_of_a_group_are_nobodys_numbers_addresses_or_secrets():
    texts = ["读书真好 https://example.com/烘焙 @小李 13812345678 vx_abc123 [捂脸]", "今天读书打卡"]
    words = dict(frequent(enumerate(texts)))
    assert words["读书"] == 2
    assert "烘焙" not in words
    assert not [word for word in words if any(char.isdigit() for char in word) or word in ("捂脸", "小李", "example")]
    many = [(n, "读书打卡") for n in range(10)] + [(3, "我的外号叫大铁锤大铁锤")]
    assert "铁锤" not in "".join(dict(frequent(many)))
    assert dict(frequent([(1, "读书 读书 读书 读书")])) == {"读书": 1}


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.text(min_size=1, max_size=12), st.integers(1, 9999)), min_size=1, max_size=90))
def test_no_word_of_a_cloud_lies_outside(words: list[tuple[str, int]]):
    ordered = sorted(words, key=lambda pair: -pair[1])
    for _, size, x, y in place(ordered):
        assert 0 <= x < WIDTH
        assert 0 < y <= FIELD
        assert size > 0


def test_a_cloud_of_20_000_messages_is_painted_in_three_seconds():
    vocabulary = ["读书", "打卡", "咖啡", "烘焙", "三体", "跑步", "电影", "设计", "旅行", "火锅", "数学", "机器人"]
    pairs = [
        (n % 200, f"我觉得{vocabulary[n % 12]}和{vocabulary[n * 7 % 12]}都很有意思，{n} 你们说呢")
        for n in range(20_000)
    ]
    argument = json.dumps({"said": pairs, "title": "本周", "below": "x", "foot": "群"})
    began = perf_counter()
    assert paint(argument).startswith(b"\x89PNG")
    assert perf_counter() - began < 3


def test_shades_go_by_magnitude():
    assert shade(0, 100) == SHADES[0]
    assert shade(100, 100) == SHADES[-1]
    assert shade(1, 1) == SHADES[-1]
    order = [SHADES.index(shade(times, 100)) for times in range(101)]
    assert order == sorted(order)
