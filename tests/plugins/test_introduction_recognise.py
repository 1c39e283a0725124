"""Test: introductions are recognised in free text, and hardly anything else is taken for one.

The lists beside this file are written by hand. The numbers are printed with `pytest -s`, and held by the test.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins.introduction.introduction import FIELDS, LONGEST, Introduction
from plugins.introduction.recognise import may_introduce, read, recognise

HERE = Path(__file__).parent / "introduction"
NAMES = {"称呼": "name", "地区": "region", "职业": "job", "需要": "needs", "提供": "offers", "爱好": "hobbies"}


def introductions(name: str = "introductions") -> Iterator[tuple[str, dict[str, str]]]:
    for block in (HERE / f"{name}.txt").read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in block.strip().split("\n") if not line.startswith("# ")]
        if lines:
            said = re.split(rf" (?=(?:{'|'.join(NAMES)})=)", lines[-1].removeprefix("→ "))
            yield "\n".join(lines[:-1]), {NAMES[part.split("=", 1)[0]]: part.split("=", 1)[1] for part in said}


def ordinary(name: str = "ordinary") -> list[str]:
    lines = (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line.replace("⏎", "\n") for line in lines if line and not line.startswith("# ")]


def is_right(field: str, expected: str, found: str) -> bool:
    """A name to the letter; else what was expected, with at most ten characters around it, or half of a place."""
    if field == "name":
        return found == expected
    return (expected in found and len(found) <= len(expected) + 10) or (field == "region" and found in expected != "")


def test_recognition(capsys: pytest.CaptureFixture[str]):
    """On the lists the recogniser was tuned on."""
    texts, others = list(introductions()), ordinary()
    assert len(texts) >= 200
    assert len(others) >= 400
    recall, right, mistaken = measure("introductions", texts, others, capsys)
    assert recall >= 0.95
    assert right >= 0.90
    assert len(mistaken) <= 0.005 * len(others), mistaken


def test_recognition_of_people_it_has_not_met(capsys: pytest.CaptureFixture[str]):
    """On lists written afterwards; whoever tunes on them writes new ones."""
    texts, others = list(introductions("held_out_introductions")), ordinary("held_out_ordinary")
    assert len(texts) >= 100
    assert len(others) >= 200
    assert not {text for text, _ in texts} & {text for text, _ in introductions()}
    assert not set(others) & set(ordinary())
    recall, right, mistaken = measure("held out", texts, others, capsys)
    assert recall >= 0.95
    assert right >= 0.90
    assert len(mistaken) <= 0.005 * len(others), mistaken


def measure(
    name: str, texts: list[tuple[str, dict[str, str]]], others: list[str], capsys: pytest.CaptureFixture[str]
) -> tuple[float, float, list[str]]:
    """Shares of introductions recognised and of fields right in those, and the ordinary messages taken for one."""
    found = [(recognise(text), expected) for text, expected in texts]
    recognised = [(got, expected) for got, expected in found if got]
    fields = [
        (field, is_right(field, value, getattr(got, field)))
        for got, expected in recognised
        for field, value in expected.items()
    ]
    mistaken = [text for text in others if recognise(text)]
    recall, right = len(recognised) / len(texts), sum(ok for _, ok in fields) / len(fields)
    with capsys.disabled():
        by_field = ", ".join(f"{name} {_share(fields, name)}" for name in FIELDS)
        print(  # noqa: T201  the scores are meant to be read
            f"\n{name}: {len(recognised)} of {len(texts)} recognised ({recall:.1%}), fields right {right:.1%}"
            f" ({by_field}); {len(mistaken)} of {len(others)} ordinary messages taken for one"
        )
    return recall, right, mistaken


def _share(fields: list[tuple[str, bool]], name: str) -> str:
    answers = [ok for field, ok in fields if field == name]
    return f"{sum(answers) / len(answers):.0%}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("张三-上海-设计", Introduction("张三", "上海", "设计")),
        ("设计/张三/上海", Introduction("张三", "上海", "设计")),
        ("上海 张三 设计师", Introduction("张三", "上海", "设计师")),
        ("张三－上海－设计", Introduction("张三", "上海", "设计")),
        ("我叫李娜，坐标郑州，做餐饮的", Introduction("李娜", "郑州", "餐饮")),
        ("我叫李娜，郑州人，现在上海做餐饮", Introduction("李娜", "上海", "餐饮")),
        ("姓名：李娜\n城市：郑州\n职业：餐饮\n需求：无", Introduction("李娜", "郑州", "餐饮")),
        ("我叫Peter Chen，坐标上海，做外贸的", Introduction("Peter Chen", "上海", "外贸")),
    ],
)
def test_forms(text: str, expected: Introduction):
    assert recognise(text) == expected


@pytest.mark.parametrize(
    "text",
    ["姓名：\n地区：\n职业：", "姓名-地区-职业", "我叫XX，坐标XX，从事XX", "北京-上海-广州", "今天-上海-下雨", ""],
)
def test_forms_without_anybody_in_them(text: str):
    assert recognise(text) is None


def test_what_a_command_says_is_read_leniently():
    assert read("做餐饮的").job == "餐饮"
    assert read("喜欢钓鱼").hobbies == "钓鱼"
    assert read("坐标郑州").region == "郑州"
    assert not read("哈哈哈哈").said


def test_fields_are_kept_short_and_on_one_line():
    found = recognise(f"我叫李娜，坐标郑州，做餐饮的，想找{'很' * 38}好的供应商\n\n可以提供团餐")
    assert found is not None
    assert all(len(getattr(found, field)) <= LONGEST and "\n" not in getattr(found, field) for field in FIELDS)


@pytest.mark.parametrize(
    "text",
    [
        "我叫" * 300,
        "大家好" * 200,
        "坐标" + "上海" * 290,
        "1" * 600,
        "我在" + "做" * 590,
        "，".join(["我叫李娜"] * 100),
        "姓名：" * 190,
        "-".join("张上设" * 40),
        "早" * 600,
        "已经1年" * 140,
        "新人报到" * 140 + "x",
        "我是" + "的" * 590,
        "\ue001" * 600,
        "我叫\u202e李娜\u200b，坐标郑州，做餐饮的" + "🐯" * 400,
    ],
    ids=lambda text: text[:8],
)
def test_hostile_text_costs_little(text: str):
    started = time.perf_counter()
    recognise(text[:600])
    read(text[:600])
    assert time.perf_counter() - started < 0.5


def test_most_messages_are_told_apart_at_once():
    passed = [text for text in ordinary() if may_introduce(text)]
    assert len(passed) < 0.6 * len(ordinary()), "the list is made of hard cases; in a real group it is one in twenty"
    assert all(may_introduce(text) for text, _ in introductions())
    assert not may_introduce("我叫李娜，坐标郑州" * 100)
