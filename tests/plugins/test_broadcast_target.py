"""Test: which groups a broadcast names before its text begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.broadcast.target import NoSuchTarget, read

TOPICS = {"g1": "读书群 1", "g2": "读书群 12", "g3": "跑步群", "g4": "跑步群"}
TAGS = {"读书": ["g1", "g2"], "读书群": ["g2"]}


@pytest.mark.parametrize(
    ("line", "groups", "text"),
    [
        ("读书 周六改期", ("g1", "g2"), "周六改期"),
        ("读书群 1 周六改期", ("g1",), "周六改期"),
        ("读书群 12 周六改期", ("g2",), "周六改期"),
        ("“读书群 1”、跑步群 你好", ("g1", "g3", "g4"), "你好"),
        ("读书群 周六", ("g2",), "周六"),
        ("#读书 -读书群 12 周六", ("g1",), "周六"),
        ("全部 除 跑步群 周六", ("g1", "g2"), "周六"),
        ("读书* 周六", ("g1", "g2"), "周六"),
        ("＊步群 周六", ("g3", "g4"), "周六"),
        ("周六改期", ("g1", "g2", "g3", "g4"), "周六改期"),
        ("读书会改期", ("g1", "g2", "g3", "g4"), "读书会改期"),
        ("读书\n第一行\n第二行", ("g1", "g2"), "第一行\n第二行"),
        ("读书，跑步群", ("g1", "g2", "g3", "g4"), ""),
        ("-读书 今晚八点", ("g3", "g4"), "今晚八点"),
        ("跑步群 -5 度也跑", ("g3", "g4"), "-5 度也跑"),
        ("除了周六都行", ("g1", "g2", "g3", "g4"), "除了周六都行"),
    ],
)
def test_the_names_end_where_the_text_begins(line: str, groups: tuple[str, ...], text: str) -> None:
    order = read(line, TAGS, TOPICS)
    assert (order.groups, order.text) == (groups, text)


@pytest.mark.parametrize("line", ["#跑步 你好", "写作* 你好", "读书 #没有 你好"])
def test_what_fits_no_group_is_said(line: str) -> None:
    with pytest.raises(NoSuchTarget):
        read(line, TAGS, TOPICS)


@given(st.text(max_size=60))
def test_any_text_is_read_and_none_of_it_is_made_up(line: str) -> None:
    try:
        order = read(line, TAGS, TOPICS)
    except NoSuchTarget:
        return
    assert set(order.groups) <= set(TOPICS)
    assert line.strip().endswith(order.text)
