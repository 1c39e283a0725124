"""Test: corrections of an introduction are understood, and nothing that is not clearly one."""

from __future__ import annotations

import time

import pytest

from plugins.introduction.correction import LONGEST, may_correct, read_correction
from plugins.introduction.introduction import Introduction
from tests.plugins.test_introduction_recognise import introductions, ordinary

BEFORE = Introduction(name="李磊", region="上海", job="设计", hobbies="跑步")

RIGHT = [
    ("不对，我叫李雷", {"name": "李雷"}),
    ("不对不对，我叫李雷", {"name": "李雷"}),
    ("哎呀，写错了，我叫李雷😂", {"name": "李雷"}),
    ("我叫李雷，不是李磊", {"name": "李雷"}),
    ("不是李磊，是李雷", {"name": "李雷"}),
    ("不是，我不叫李磊，我叫李雷", {"name": "李雷"}),
    ("名字打错了，叫李雷", {"name": "李雷"}),
    ("名字写错了，是李雷", {"name": "李雷"}),
    ("更正：我叫柠檬", {"name": "柠檬"}),
    ("纠正一下，称呼柠檬", {"name": "柠檬"}),
    ("更正：坐标杭州", {"region": "杭州"}),
    ("城市写错了，我在杭州", {"region": "杭州"}),
    ("我的城市错了，杭州", {"region": "杭州"}),
    ("不对，我是杭州的", {"region": "杭州"}),
    ("写错了，我在杭州", {"region": "杭州"}),
    ("说错了，我现在在杭州工作", {"region": "杭州"}),
    ("不对，我不在上海，在杭州", {"region": "杭州"}),
    ("不是上海，是杭州", {"region": "杭州"}),
    ("不是设计师，是产品经理", {"job": "产品经理"}),
    ("我不是做设计的，我是产品经理", {"job": "产品经理"}),
    ("是产品经理，不是设计师", {"job": "产品经理"}),
    ("更正一下，我是产品经理", {"job": "产品经理"}),
    ("更正：产品经理", {"job": "产品经理"}),
    ("职业不对，应该是会计", {"job": "会计"}),
    ("不对，我是做餐饮的", {"job": "餐饮"}),
    ("爱好写错了，是羽毛球", {"hobbies": "羽毛球"}),
    ("更正：需要 供应商", {"needs": "供应商"}),
    ("不好意思，写错了，我叫李雷，坐标杭州", {"name": "李雷", "region": "杭州"}),
    ("Correction: my name is Tom", {"name": "Tom"}),
    ("Sorry, I'm based in Berlin", {"region": "Berlin"}),
    ("Oops, I'm a product manager", {"job": "product manager"}),
]
NOTHING_MORE = """
更正：坐标上海|不对，我在想|不对，我在上海待过|不对吧，我在杭州|不是我，是他|不对，你叫李雷|不对，杭州
不是上海，是北京的那家店|不对，我叫外卖了|不对，我叫滴滴|不对，我是群主|不对，我是男的|不对，我是新来的
不是这样，是那样|不是今天，是明天|不是我不想，是太忙|我不是针对你，是真的不行|不对，这题选A|不对，需要加班
错了，是老师布置的|你说错了，我在杭州|他写错了，我叫李雷|更正：活动在杭州|更正：时间是八点|不对，老师说的
不是老师，是学生|不是北京，是南京|改一下，明天去杭州|城市写错了吗，我在杭州|如果不对，我叫李雷|改成杭州
不是设计师也能做|不是设计师，是设计院|不对，我在开会|不对，我做饭|更正：今天不上课|不对，我叫不醒他
不对，我是说杭州|我在杭州|我叫李雷|是产品经理|群名写错了，是读书会|名字写错了，是昨天那个|不在群里，在家
不是李磊，是李雷的同事|不对，我老公叫李雷|我不是李磊|不是上海，北京|不叫外卖，叫车|不做设计，做梦
"""
NOTHING = [
    *(row for line in NOTHING_MORE.split("\n") for row in line.split("|") if row),
    "sorry, I'm late",
    "Sorry, I'm in a meeting",
    "Actually I'm in London traffic",
    "I'm based in Berlin",
    "Sorry, my name is on the list",
    "actually he is a designer",
]


@pytest.mark.parametrize(("text", "changed"), RIGHT)
def test_what_is_put_right(text: str, changed: dict[str, str]):
    said = read_correction(text)
    assert said is not None
    assert said.applied(BEFORE) == changed


@pytest.mark.parametrize("text", NOTHING)
def test_what_puts_nothing_right(text: str):
    said = read_correction(text)
    assert said is None or said.applied(BEFORE) == {}


def test_ordinary_talk_and_introductions_put_nothing_right():
    texts = [*ordinary(), *(text for text, _ in introductions())]
    assert len(texts) > 500
    assert [text for text in texts if (said := read_correction(text)) is not None and said.applied(BEFORE)] == []


def test_a_message_that_is_no_correction_costs_next_to_nothing():
    texts = [text for text in ordinary() if not may_correct(text)]
    begun = time.perf_counter()
    for _ in range(20):
        for text in texts:
            may_correct(text)
    assert (time.perf_counter() - begun) / (20 * len(texts)) < 20e-6


@pytest.mark.parametrize("piece", ["不是", "我", "更正", "，", "不对，", "改一下 ", "不是是", "a ", "sorry "])
def test_the_worst_that_fits_is_read_in_no_time(piece: str):
    text = ("不对，我不是" + piece * LONGEST)[:LONGEST]
    begun = time.perf_counter()
    read_correction(text)
    assert time.perf_counter() - begun < 0.05
