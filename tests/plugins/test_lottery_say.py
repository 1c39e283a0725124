"""Test: announcements of winners: everybody named once, in messages that phones show whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions import SendText
from bot.model import Member
from plugins.lottery.say import MESSAGE_LENGTH, roll

HEAD, TAIL = "🎉 L1 开奖啦！共 500 人参与", "恭喜！请联系管理员领奖 🎊"
sizes = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 120)), min_size=1, max_size=10)


def parts_of(sizes: list[tuple[int, int]], name_length: int) -> list[tuple[str, list[Member]]]:
    number = iter(range(100_000))
    return [
        (
            f"🏅 {'奖' * title}：",
            [Member(f"w{no}", f"{no}".rjust(name_length, "王")) for no in (next(number) for _ in range(count))],
        )
        for title, count in sizes
    ]


def check(messages: list[SendText], parts: list[tuple[str, list[Member]]]) -> None:
    everybody = [member for _, members in parts for member in members]
    assert [member for message in messages for member in message.mentions] == everybody
    for message in messages:
        assert len(message.text) <= MESSAGE_LENGTH
        assert message.text.count("@") == len(message.mentions)
        assert all(f"@{member.name}" in message.text for member in message.mentions)
    assert messages[0].text.startswith(HEAD)
    assert messages[-1].text.endswith(TAIL)


@given(sizes, st.integers(1, 32))
def test_everybody_is_named_once_in_short_messages(sizes: list[tuple[int, int]], name_length: int) -> None:
    parts = parts_of(sizes, name_length)
    check(roll("g1", HEAD, parts, TAIL), parts)


@pytest.mark.parametrize(("winners", "at_most"), [(1, 1), (40, 1), (500, 12), (9_110, 250)])
def test_few_messages_for_many_winners(winners: int, at_most: int) -> None:
    parts = parts_of([(3, winners)], 8)
    messages = roll("g1", HEAD, parts, TAIL)
    check(messages, parts)
    assert len(messages) <= at_most


def test_every_message_says_which_prize() -> None:
    parts = parts_of([(3, 200), (5, 200)], 8)
    for message in roll("g1", HEAD, parts, TAIL):
        if message.mentions:
            assert "🏅" in message.text
