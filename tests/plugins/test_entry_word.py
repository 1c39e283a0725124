"""Test: entry: what counts as having said the word, and which gates are refused because nobody could pass them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from plugins.entry.plugin import Settings
from plugins.entry.word import may_decide, read_decision, says, says_paid


@pytest.mark.parametrize(
    "text", ["芝麻开门", "口令是 芝麻·开门！", "芝 麻 开 門", "芝麻\u200b开门", "我是小陈，芝麻开门"]
)
def test_signs_width_and_script_do_not_matter(text: str) -> None:
    assert says(text, ("西瓜", "芝麻开门"))


@pytest.mark.parametrize("text", ["", "开门", "芝麻", "芝麻开" + "门" * 0, "芝麻开门" + "哈" * 60])
def test_other_words_do_not(text: str) -> None:
    assert not says(text, ("芝麻开门",))


def test_a_word_without_letters_opens_nothing() -> None:
    assert not says("随便", ("。。。", ""))


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("通过 E3", (True, 3, "")), ("通过E3", (True, 3, "")), ("/通过 e 3", (True, 3, "")),
        ("同意　Ｅ１２", (True, 12, "")),
        ("拒绝 E3 截图看不清，请重发", (False, 3, "截图看不清，请重发")), ("拒绝E3：不行", (False, 3, "不行")),
        ("pass E3", (True, 3, "")), ("Refuse e3 no", (False, 3, "no")),
    ],
)  # fmt: skip
def test_one_word_decides(text: str, decision: tuple[bool, int, str]) -> None:
    assert may_decide(text)
    assert read_decision(text) == decision


@pytest.mark.parametrize(
    "text", ["通过", "通过了", "方案通过 E3", "E3 通过", "通过 3", "通过 E1234567890", "不通过 E3"]
)
def test_talk_decides_nothing(text: str) -> None:
    assert read_decision(text) is None


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    if read_decision(text) is not None:
        assert may_decide(text)


@pytest.mark.parametrize("text", ["已付款", "已经付了", "付好了", "转账了", "我已支付完", "交费了"])
def test_paid(text: str) -> None:
    assert says_paid(text)


@pytest.mark.parametrize("text", ["怎么付", "要付多少", "付款码发我", "支付宝可以吗", "好的"])
def test_not_paid(text: str) -> None:
    assert not says_paid(text)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"gate": "password"}, "还没有写口令"),
        ({"gate": "question", "question": "读什么？"}, "还没有写问题和答案"),
        ({"gate": "task"}, "还没有写任务"),
        ({"gate": "payment"}, "还没有写付款"),
        ({"passwords": ["a"]}, "太短"),
        ({"passwords": ["。。。"]}, "没有字"),
        ({"answers": ["！"]}, "没有字"),
        ({"passwords": ["长" * 61]}, "最多 60"),
        ({"keyword": "？？"}, "至少两个字"),
        ({"task": "{谁} 转发"}, "不认识的占位符"),
        ({"task": "长" * 501}, "500"),
    ],
)
def test_a_gate_nobody_or_everybody_passes_is_refused(values: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Settings.model_validate(values)
