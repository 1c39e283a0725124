"""Test: which batches look bought, how the ladder reads, and what people say about who brought whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.text import normalise
from plugins.invite.claim import claimed_name, may_be_word, may_claim, said_code, witnessed_name
from plugins.invite.ladder import next_step, read_ladder
from plugins.invite.suspicion import Newcomer, marks, score

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
NAMES = ("小陈", "老王", "读书的猫", "Anna", "郑州-李姐", "阿宝")


def batch(count: int = 6, spoke: int = 0, left: int = 0, names: tuple[str, ...] = NAMES) -> list[Newcomer]:
    return [
        Newcomer(
            names[number % len(names)],
            NOW + timedelta(seconds=number),
            number < spoke,
            NOW + timedelta(hours=5, minutes=number) if number < left else None,
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("newcomers", "found"),
    [
        (batch(4), []),
        (batch(6, spoke=6), ["burst"]),
        (batch(6, spoke=2), ["burst"]),
        (batch(6, spoke=1), ["burst", "silent"]),
        (batch(6, spoke=6, left=3), ["burst", "left"]),
        (batch(6, spoke=6, left=2), ["burst"]),
        (batch(6, spoke=6, names=("用户81", "用户9", "小陈")), ["burst", "alike"]),
        (batch(6, left=6, names=("用户1",)), ["burst", "silent", "left", "alike"]),
    ],
)
def test_marks(newcomers: list[Newcomer], found: list[str]) -> None:
    assert marks(newcomers, 5) == found


def test_what_is_off_finds_nothing() -> None:
    assert marks(batch(50), 0) == []


def test_leaving_one_by_one_is_not_leaving_together() -> None:
    slowly = [Newcomer(name, NOW, True, NOW + timedelta(hours=2 * place)) for place, name in enumerate(NAMES)]
    assert marks(slowly, 5) == ["burst"]


def test_a_burst_alone_is_not_held_and_a_silent_one_is() -> None:
    assert score(["burst"]) < score(["burst", "alike"]) < 60 <= score(["burst", "silent"]) < score(["burst", "left"])


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", {}),
        ("3=20", {3: 20}),
        ("10人=100分、3：20", {3: 20, 10: 100}),
        ("3=20 10=100 30=300", {3: 20, 10: 100, 30: 300}),
    ],
)
def test_ladders(text: str, steps: dict[int, int]) -> None:
    assert read_ladder(text) == steps
    assert list(read_ladder(text)) == sorted(steps)


@pytest.mark.parametrize(
    "text", ["3", "3=", "0=5", "3=0", "3=20 3=30", "三=20", "3=1000000", " ".join(f"{n}=1" for n in range(1, 12))]
)
def test_what_is_no_ladder(text: str) -> None:
    with pytest.raises(ValueError, match=r"看不懂|最多"):
        read_ladder(text)


def test_the_next_step() -> None:
    steps = {3: 20, 10: 100}
    assert [next_step(steps, counted) for counted in (0, 2, 3, 10)] == [(3, 20), (1, 20), (7, 100), None]


@pytest.mark.parametrize(
    "text", ["@小陈 是我邀请的", "小陈是我拉进来的", "小陈 是我介绍来的！", "＠小陈\u2005是我带来的"]
)
def test_who_i_brought(text: str) -> None:
    assert may_claim(text)
    assert witnessed_name(normalise(text)) == "小陈"
    assert claimed_name(normalise(text)) is None


@pytest.mark.parametrize("text", ["我是小陈邀请的", "书单是我推荐给大家的", "小陈是我同学", "这本书，小陈是我邀请的"])
def test_who_i_did_not_bring(text: str) -> None:
    assert witnessed_name(normalise(text)) is None


@pytest.mark.parametrize("text", ["YQ12345", "yq12345", "邀请码 YQ12345", "我的邀请码：YQ12345", "暗号YQ12345。"])
def test_codes(text: str) -> None:
    assert may_be_word(text)
    assert said_code(normalise(text)) == "YQ12345"


@pytest.mark.parametrize("text", ["YQ1234", "12345", "邀请码", "发YQ12345给朋友", "YQ123456"])
def test_what_is_no_code(text: str) -> None:
    assert said_code(normalise(text)) is None
