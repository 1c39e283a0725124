"""Test: what a digest picks, that it is quick and small, and that a model may only word what has a source."""

from __future__ import annotations

import json
import tracemalloc
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bench.digest import _day
from bot.question import is_question
from plugins.digest.compute import Digest, Line, summarise
from plugins.digest.phrase import cited, material
from plugins.digest.pick import Said, pick


def talk(*lines: tuple[str, int, str]) -> list[Said]:
    return [Said(who, minute * 60, text) for who, minute, text in lines]


def test_a_word_that_is_said_every_day_is_no_topic():
    said = talk(
        ("甲", 0, "早餐吃包子，再说投影仪的事"),
        ("乙", 1, "包子不错，投影仪我家有"),
        ("丙", 2, "包子加一，投影仪租一天五十"),
        ("丁", 3, "包子好吃，投影仪我去拿"),
    )
    assert pick(said, {"包子": 30}, 30).topics[0].word == "投影仪"
    assert pick(said, {"投影仪": 30}, 30).topics[0].word == "包子"


def test_one_person_alone_makes_no_topic():
    said = talk(*[("甲", n, f"投影仪 {n} 号机") for n in range(10)])
    assert pick(said, {}, 0).topics == ()


@pytest.mark.parametrize("text", ["我还没决定去不去", "要不要改到周日？", "如果定在周六我就来", "还没定下来"])
def test_what_is_not_decided_is_no_decision(text: str):
    said = [Said("群主", 0, text, rank=1), Said("乙", 10, "好的")]
    assert pick(said, {}, 0).decisions == ()


def test_a_member_decides_only_when_others_agree():
    alone = [Said("甲", 0, "那就定了，周六下午两点见"), Said("乙", 600, "今天天气不错")]
    agreed = [Said("甲", 0, "那就定了，周六下午两点见"), Said("乙", 60, "好的")]
    assert pick(alone, {}, 0).decisions == ()
    assert pick(agreed, {}, 0).decisions == (0,)


@pytest.mark.parametrize(
    ("later", "open_"),
    [
        ([], True),
        ([Said("乙", 30, "周一不开门")], False),
        ([Said("乙", 1800, "图书馆周一闭馆")], False),
        ([Said("乙", 1800, "@甲 不开的")], False),
        ([Said("乙", 1800, "晚上吃火锅去")], True),
        ([Said("甲", 30, "图书馆那边去过的说一下")], True),
        ([Said("乙", 7200, "图书馆周一闭馆")], True),
        ([Said("乙", 30, "收到")], True),
        ([Said("", 5, "@甲 周一闭馆", kind="own")], False),
        ([Said("", 5, "早安，今天是星期一", kind="own")], True),
    ],
)
def test_a_question_is_open_when_nobody_took_it_up(later: list[Said], open_: bool):
    said = [Said("甲", 0, "请问图书馆周一开门吗？"), *later]
    assert (pick(said, {}, 0).questions == (0,)) is open_


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("请问图书馆周一开门吗？", True),
        ("有人知道哪里能修伞", True),
        ("怎么报名读书会", True),
        ("在吗？", False),
        ("真的？", False),
        ("不管怎么样都要去", False),
        ("/抽奖 吗？", False),
        ("打卡 今天读完了吗？读完了", False),
        ("看这个 https://example.com/?a=1", False),
        ("今天天气不错", False),
    ],
)
def test_what_is_a_question(text: str, asks: bool):
    assert is_question(text) is asks


def test_a_lively_day_takes_less_than_two_seconds_and_two_hundred_megabytes():
    argument = json.dumps(_day(), ensure_ascii=False)
    summarise(argument)
    tracemalloc.start()
    summarise(argument)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    began = process_time()
    digest = Digest.load(summarise(argument))
    assert process_time() - began < 2
    assert peak < 200_000_000
    assert digest.topics
    assert digest.lines["decisions"]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 90000),
            st.sampled_from(("甲", "乙", "丙")),
            st.text(max_size=40) | st.sampled_from(("决定了，周六见", "谁有备用灯泡？", "看 https://a.b/c")),
            st.sampled_from(("text", "link", "file", "image")),
            st.integers(0, 1),
        ),
        max_size=30,
    )
)
def test_every_line_is_a_message(rows: list[tuple[int, str, str, str, int]]):
    messages = [[f"{n:02}:00", second, who, text, kind, rank] for n, (second, who, text, kind, rank) in enumerate(rows)]
    asked = {"messages": messages, "history": {}, "days": 0, "count": len(rows), "people": 3}
    digest = Digest.load(summarise(json.dumps(asked)))
    sources = {(row[0], row[2]) for row in messages}
    assert all((line.at, line.who) in sources for line in digest.sources)
    assert Digest.load(digest.dump()) == digest


DIGEST = Digest(
    count=2,
    people=2,
    topics=(("投影仪", 3, 2, Line("09:00", "小李", "借一台投影仪")),),
    lines={
        "decisions": (Line("10:00", "群主", "改到周六"),),
        "announcements": (),
        "links": (Line("11:00", "小陈", "看 https://example.com/a"),),
        "files": (),
        "questions": (),
    },
)


def test_a_model_gets_numbered_messages_only():
    assert material(DIGEST).splitlines() == [
        "[1] 09:00 小李: 借一台投影仪",
        "[2] 10:00 群主: 改到周六",
        "[3] 11:00 小陈: 看 https://example.com/a",
    ]


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("大家在找投影仪 [1]\n读书会改到周六 [2]", "· 大家在找投影仪（09:00 小李）\n· 读书会改到周六（10:00 群主）"),
        ("投影仪和时间都有着落 [1][2]", "· 投影仪和时间都有着落（09:00 小李、10:00 群主）"),
        ("- 群主请客【2】", "· 群主请客（10:00 群主）"),
        ("没有出处的一句", ""),
        ("出处不存在 [9]", ""),
        ("一半存在 [1][9]", ""),
        ("加我 https://evil.example/x [1]", ""),
        ("小陈分享了 https://example.com/a [3]", "· 小陈分享了 https://example.com/a（11:00 小陈）"),
        ("[1]", ""),
        ("", ""),
    ],
)
def test_lines_without_a_source_are_dropped(answer: str, kept: str):
    assert cited(answer, DIGEST) == kept
