"""Test: a notice with a picture reaches people with both, and as it is where admins have a channel of their own."""

from __future__ import annotations

from bot.actions import NotifyAdmins, Purpose, SendImage, SendText
from bot.model import Capability
from tests.engine.test_policy import ALL, judge

NOTICE = NotifyAdmins(group="g", text="看截图", image="/tmp/proof.png")
APART = ALL - {Capability.ADMIN_CHANNEL}


def test_where_admins_have_a_channel_it_goes_as_it_is() -> None:
    (verdict,) = judge(NOTICE)
    assert verdict.action == NOTICE


def test_to_people_it_is_a_message_and_a_picture_each() -> None:
    said = [verdict.action for verdict in judge(NOTICE, capabilities=APART, tell=("a", "b"))]
    text = SendText(text="看截图", purpose=Purpose.REPLY, group="g", to="a")
    shown = SendImage(path="/tmp/proof.png", purpose=Purpose.REPLY, group="g", to="a")
    assert said[:2] == [text, shown]
    assert [getattr(action, "to", "") for action in said] == ["a", "a", "b", "b"]


def test_in_the_control_group_both_stand_there_once() -> None:
    said = [verdict.action for verdict in judge(NOTICE, capabilities=APART, tell_group="c")]
    assert [(type(action), action.group) for action in said] == [(SendText, "c"), (SendImage, "c")]


def test_without_pictures_the_words_go_alone() -> None:
    said = judge(NOTICE, capabilities=APART - {Capability.IMAGE}, tell=("a",))
    assert [type(verdict.action) for verdict in said] == [SendText]
