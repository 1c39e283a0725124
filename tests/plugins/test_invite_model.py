"""Test: when an invitation counts, and how newcomers say who brought them."""

from __future__ import annotations

import pytest

from bot.text import normalise
from plugins.invite.claim import claimed_name, may_claim
from plugins.invite.model import Reason, Source, why_void


@pytest.mark.parametrize(
    ("invitee", "inviter", "seen", "chain", "why"),
    [
        ("c", "a", False, [], None),
        ("c", "b", False, ["a"], None),
        ("a", "a", False, [], Reason.SELF),
        ("a", "c", True, ["b", "a"], Reason.CIRCULAR),
        ("c", "a", True, [], Reason.REJOIN),
        ("a", "a", True, ["a"], Reason.SELF),
    ],
)
def test_when_it_does_not_count(invitee: str, inviter: str, seen: bool, chain: list[str], why: Reason | None) -> None:
    assert why_void(invitee, inviter, seen_before=seen, inviters_of_inviter=chain) is why


def test_what_the_gateway_says_is_surest() -> None:
    assert [source.confidence for source in Source] == sorted((source.confidence for source in Source), reverse=True)
    assert Source.GATEWAY.confidence == 100


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我是@小李邀请的", "小李"),
        ("我是 @小李\u2005邀请的", "小李"),
        ("我是＠小李 邀请进群的", "小李"),
        ("我是小李拉进来的", "小李"),
        ("大家好，我是小李邀请的", "小李"),
        ("我是由小李介绍来的", "小李"),
        ("小李拉我进来的", "小李"),
        ("大家好！是小李邀请我加入的", "小李"),
        ("@小李 推荐我来的～", "小李"),
    ],
)
def test_who_brought_me(text: str, name: str) -> None:
    assert may_claim(text)
    assert claimed_name(normalise(text)) == name


@pytest.mark.parametrize(
    "text",
    [
        "我是做设计的",
        "我是小李",
        "我邀请的人还没来",
        "你是谁邀请的",
        "我是来学习的，谢谢邀请",
        "我的邀请",
        "今天天气不错",
        "我是" + "字" * 200 + "邀请的",
    ],
)
def test_ordinary_talk(text: str) -> None:
    assert not may_claim(text) or claimed_name(normalise(text)) is None
