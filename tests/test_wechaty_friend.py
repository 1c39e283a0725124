"""Test: somebody asks to be a friend and is accepted, through a real gateway."""

from __future__ import annotations

import pytest

from bot.actions import AcceptFriend
from bot.events import FriendRequested, MessageReceived
from bot.model import Member
from tests.gateway.client import Gateway
from tests.gateway.fixtures import Connect

pytestmark = pytest.mark.gateway


async def test_a_friend_request_arrives_and_is_accepted(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await gateway.post("/event/friendship", id="f1", contactId="wxid_new", name="小陈", hello="暗号 芝麻开门")
    asked = await session.inbox.wait(FriendRequested)
    assert (asked.id, asked.group, asked.request) == ("friend:f1", "", "f1")
    assert (asked.contact, asked.hello) == (Member("wxid_new", "小陈"), "暗号 芝麻开门")
    await session.transport.perform(AcceptFriend(member=asked.contact, request=asked.request))
    assert (await gateway.wait_action("friendshipAccept"))["args"] == {"id": "f1"}


async def test_that_somebody_has_become_a_friend_is_no_request(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await gateway.post("/event/friendship", id="f2", contactId="wxid_new", type="confirm")
    await gateway.post("/event/raw", event="friendship", payload={"friendshipId": "nobody"})
    await gateway.say("wxid_m03", "早", group=None)
    await session.inbox.wait(MessageReceived)
    assert not [event for event in session.inbox.events if isinstance(event, FriendRequested)]
