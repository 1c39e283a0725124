"""Test: introductions in several short messages are put together, and talk is not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.introduction.introduction import Introduction
from plugins.introduction.recognise import may_introduce
from plugins.introduction.together import LONGEST, may_continue, recognise_together
from tests.plugins.test_introduction_recognise import introductions, ordinary


def said_in_pieces() -> list[list[str]]:
    """The introductions of the list that are one line of at least three parts, cut at their commas."""
    texts = [text for text, _ in introductions() if "\n" not in text and "我叫" in text]
    return [pieces for text in texts if 3 <= len(pieces := text.split("，")) <= 5 and max(map(len, pieces)) <= LONGEST]


def test_what_is_understood_in_one_message_is_mostly_understood_in_several(capsys: pytest.CaptureFixture[str]):
    cut = said_in_pieces()
    assert len(cut) > 50
    found = [recognise_together(pieces) is not None for pieces in cut]
    with capsys.disabled():
        print(f"\nintroductions in pieces: {sum(found)} of {len(found)} recognised ({sum(found) / len(found):.1%})")  # noqa: T201
    assert sum(found) >= 0.95 * len(found)


@pytest.mark.parametrize("count", [2, 3])
def test_ordinary_messages_one_after_the_other_make_no_introduction(count: int):
    """Neighbours in the list are alike, so this is harder than a chat, in which one person rarely says them."""
    texts = ordinary() + ordinary("held_out_ordinary")
    taken = [texts[at : at + count] for at in range(len(texts) - count) if recognise_together(texts[at : at + count])]
    assert len(taken) <= 0.005 * len(texts), taken


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (["大家好", "我叫李娜", "郑州的", "做餐饮的"], Introduction("李娜", "郑州", "餐饮")),
        (["我是小王", "做设计的，坐标上海", "想找客户"], Introduction("小王", "上海", "设计", "客户")),
        (["姓名：李娜", "坐标：郑州", "职业：餐饮"], Introduction("李娜", "郑州", "餐饮")),
        (["哈哈哈", "我叫Peter Chen", "上海人，外贸"], Introduction("Peter Chen", "上海", "外贸")),
        (["小王", "上海", "设计"], None),
        (["我叫李娜", "有没有郑州的"], None),
        (["我叫李娜", "你是郑州的"], None),
        (["我同学叫李娜", "郑州的", "做会计"], None),
        (["我叫李娜"], None),
        ([], None),
        (["我叫李娜", "郑州" * 30], None),
    ],
)
def test_forms(pieces: list[str], expected: Introduction | None):
    assert recognise_together(pieces) == expected


def test_the_cheap_test_lets_the_part_through_that_makes_it_an_introduction():
    cut = said_in_pieces()
    heard = [
        any(
            may_continue(pieces[at]) or may_introduce(pieces[at])
            for at in range(1, len(pieces))
            if recognise_together(pieces[: at + 1])
        )
        for pieces in cut
    ]
    assert sum(heard) >= 0.95 * len(cut), [pieces for pieces, ok in zip(cut, heard, strict=True) if not ok]


@pytest.mark.parametrize(
    "text",
    [
        "好的，收到",
        "哈哈哈哈",
        "明天见",
        "我在路上了，等我一下",
        "多少钱一斤",
        "谢谢老师",
        "今天的打卡：读书30页",
        "+1",
    ],
)
def test_most_talk_costs_nothing_more(text: str):
    assert not may_continue(text)


@given(st.lists(st.text(max_size=LONGEST), max_size=5))
def test_anything_may_be_said(pieces: list[str]):
    recognise_together(pieces)


def test_hostile_pieces_cost_little():
    started = time.perf_counter()
    for text in ("我是" * 20, "做" * 40, "北京" * 20, "姓名：" * 13, "叫我" * 20):
        recognise_together([text] * 5)
    assert time.perf_counter() - started < 0.5
