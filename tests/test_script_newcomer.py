"""Test: the lines of a script about people outside: friend requests, private pictures, joins nobody announced."""

from __future__ import annotations

import pytest

from bot.actions import AcceptFriend
from bot.errors import ScriptError
from bot.model import Kind, Member
from bot.transports.transcript.lines import AsksToBeFriend, Did, Expects, Joins, Leaves, Sends, ShowsRoster
from bot.transports.transcript.render import expectation
from bot.transports.transcript.script import parse


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        ("小陈 asks to be friend: 暗号：芝麻", AsksToBeFriend("小陈", "暗号：芝麻")),
        ("小陈 asks to be friend", AsksToBeFriend("小陈")),
        ("小陈、小赵 joins unannounced", Joins(("小陈", "小赵"), announced=False)),
        ("小陈 leaves unannounced", Leaves(("小陈",), announced=False)),
        ("roster", ShowsRoster()),
        ("小陈 > bot sends image a.png", Sends("小陈", Kind.IMAGE, file="a.png", private=True)),
        ("小陈 > bot sends transfer", Sends("小陈", Kind.TRANSFER, private=True)),
        ("bot accepts 小陈", Expects(Did.ACCEPT_FRIEND, member="小陈")),
    ],
)
def test_a_line_is_read(line: str, fact: object) -> None:
    (read,) = parse(f"09:00 {line}").lines
    assert read.fact == fact


@pytest.mark.parametrize(
    "line", ["小陈 asks to be friends: 你好", "小陈 > bot sends", "小陈 joins announced", "bot accepts"]
)
def test_a_near_miss_names_the_form(line: str) -> None:
    with pytest.raises(ScriptError, match="最接近的写法"):
        parse(f"09:00 {line}")


def test_what_was_done_is_written_as_its_expectation() -> None:
    done = AcceptFriend(member=Member("小 陈", "小 陈"), request="1")
    assert expectation(done) == 'bot accepts "小 陈"'
