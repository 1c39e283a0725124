"""Test: what the bot does reaches the group through a real gateway, and every failure has its right name."""

from __future__ import annotations

import asyncio

import pytest

from bot.actions import (
    Action,
    Announce,
    InviteMember,
    NotifyAdmins,
    RecallMessage,
    RemoveMember,
    SendText,
    SetTopic,
)
from bot.errors import Refused, Throttled, TransportError, Unavailable, Uncertain
from bot.events import GatewayChanged, MessageReceived, OwnMessageSeen, RosterSeen
from bot.model import Capability, Member
from tests.gateway.client import GROUP, OTHER_GROUP, Gateway
from tests.gateway.fixtures import Connect

pytestmark = pytest.mark.gateway
SOMEBODY = Member("wxid_m03", "成员3")
HELLO = SendText(group=GROUP, text="你好")


async def test_mentions_are_sent_the_way_wechat_writes_them(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await session.transport.perform(SendText(group=GROUP, text="@成员3 请看 @全体", mentions=(SOMEBODY,)))
    sent = (await gateway.wait_action("messageSendText"))["args"]
    assert sent["text"] == "@成员3\u2005请看 @全体"
    assert sent["mentionIdList"] == ["wxid_m03"]
    assert (await session.inbox.wait(OwnMessageSeen)).text == "@成员3 请看 @全体"


async def test_a_puppet_that_tells_no_ids(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await gateway.post("/settings", noMessageId=True)
    assert (await session.transport.perform(HELLO)).message_id == ""


async def test_removing_that_does_nothing_is_found_out(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await gateway.post("/settings", silentNoop=["roomDel", "roomAnnounce"])
    await session.transport.perform(RemoveMember(group=GROUP, member=SOMEBODY, reason="广告"))
    assert (await gateway.wait_action("roomDel"))["ignored"]
    assert await session.transport.is_member(GROUP, SOMEBODY.id) is True
    await session.transport.perform(Announce(group=GROUP, text="没有贴上去"))
    assert await session.transport.announcement(GROUP) == ""


async def test_membership_is_asked_afresh(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    assert await session.transport.is_member(GROUP, SOMEBODY.id) is True
    await gateway.post("/event/room-leave", roomId=GROUP, removeeIds=[SOMEBODY.id], removerId="", emit=False)
    assert await session.transport.is_member(GROUP, SOMEBODY.id) is False
    assert (await gateway.calls())["dirtyPayload"] == 4, "a puppet that keeps its lists is told to look again"
    assert await session.transport.is_member("no@chatroom", SOMEBODY.id) is None
    await gateway.post("/faults", method="dirtyPayload", code="UNIMPLEMENTED", message="unknown method")
    assert await session.transport.is_member(GROUP, "wxid_m04") is True


@pytest.mark.parametrize(
    ("code", "message", "wanted"),
    [
        ("UNKNOWN", "Error: 操作过于频繁，可稍后再试。\n    at send (/app/x.js:1)", Throttled),
        ("INTERNAL", "You are sending too often", Throttled),
        ("RESOURCE_EXHAUSTED", "slow down", Throttled),
        ("UNKNOWN", "Error: no permission: the bot is neither owner nor admin", Refused),
        ("INTERNAL", "wxid_m03 is not in 10000000001@chatroom", Refused),
        ("RESOURCE_EXHAUSTED", "Received message larger than max (5243049 vs 4194304)", Refused),
        ("UNIMPLEMENTED", "unknown method", Refused),
        ("PERMISSION_DENIED", "", Refused),
        ("UNAVAILABLE", "puppet is restarting", Unavailable),
        ("UNAUTHENTICATED", 'Invalid Wechaty TOKEN "secret"', Unavailable),
        ("UNKNOWN", "Error: not logged in", Unavailable),
        ("UNKNOWN", "connect ECONNREFUSED 10.0.0.1:443", Unavailable),
        ("UNAVAILABLE", "upstream connect error or disconnect/reset before headers", Uncertain),
        ("DEADLINE_EXCEEDED", "", Uncertain),
        ("CANCELLED", "", Uncertain),
        ("UNKNOWN", "Error: request timed out", Uncertain),
        ("INTERNAL", "socket hang up", Uncertain),
    ],
)
async def test_failures(
    code: str, message: str, wanted: type[TransportError], gateway: Gateway, connect: Connect
) -> None:
    session = await connect()
    await gateway.post("/faults", method="messageSendText", code=code, message=message)
    with pytest.raises(TransportError) as raised:
        await session.transport.perform(HELLO)
    assert type(raised.value) is wanted
    assert "\n" not in str(raised.value)


async def test_the_platform_s_own_refusals(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await gateway.post("/settings", rateLimit={"max": 1, "perMs": 60000})
    await session.transport.perform(HELLO)
    with pytest.raises(Throttled, match="频繁"):
        await session.transport.perform(HELLO)
    with pytest.raises(Refused, match="no such room"):
        await session.transport.perform(RemoveMember(group="no@chatroom", member=SOMEBODY, reason=""))
    with pytest.raises(Refused, match="no permission"):
        await session.transport.perform(SetTopic(group=OTHER_GROUP, topic="改名"))
    with pytest.raises(Refused, match="is not in"):
        await session.transport.perform(RemoveMember(group=GROUP, member=Member("wxid_gone", ""), reason=""))
    theirs = await gateway.say("wxid_m03", "别人的话")
    with pytest.raises(Refused):
        await session.transport.perform(RecallMessage(group=GROUP, message_id=f"msg:{theirs}"))


@pytest.mark.parametrize(
    "action",
    [
        SendText(text="没有群"),
        SendText(group=GROUP, text=" \0 "),
        Announce(group=GROUP, text=""),
        SetTopic(group=GROUP, topic=""),
        InviteMember(member=SOMEBODY),
        NotifyAdmins(group=GROUP, text="没有管理员频道"),
    ],
    ids=lambda action: type(action).__name__,
)
async def test_what_makes_no_sense_is_refused_here(action: Action, gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    with pytest.raises(Refused):
        await session.transport.perform(action)
    assert [each["method"] for each in await gateway.actions() if each["method"] != "start"] == []


async def test_no_answer_in_time_is_uncertain(gateway: Gateway, connect: Connect) -> None:
    session = await connect(call_timeout="300ms")
    await gateway.post("/faults", method="messageSendText", drop=True)
    with pytest.raises(Uncertain):
        await session.transport.perform(HELLO)


async def test_a_break_during_the_call_is_uncertain(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await gateway.post("/faults", method="messageSendText", drop=True, times=1)
    call = asyncio.create_task(session.transport.perform(HELLO))
    while (await gateway.calls()).get("messageSendText", 0) == 0:
        pass
    await gateway.post("/net/drop")
    with pytest.raises(Uncertain):
        await call
    await session.inbox.wait(GatewayChanged, lambda event: event.up, count=2)
    await session.transport.perform(HELLO)
    await gateway.wait_action("messageSendText")


async def test_done_but_reported_as_failed_leaves_an_echo(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await gateway.post("/faults", method="messageSendText", after=True, code="DEADLINE_EXCEEDED")
    with pytest.raises(Uncertain):
        await session.transport.perform(HELLO)
    assert (await session.inbox.wait(OwnMessageSeen)).text == "你好"


async def test_logged_out_is_unavailable(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await gateway.post("/event/logout", reason="手机上退出")
    down = await session.inbox.wait(GatewayChanged, lambda event: not event.up)
    assert "退出登录" in down.reason
    with pytest.raises(Unavailable, match="退出登录"):
        await session.transport.perform(HELLO)
    await gateway.post("/event/scan", qrcode="https://login.example/secret")
    asked = await session.inbox.wait(GatewayChanged, lambda event: "扫码" in event.reason)
    assert not asked.up
    assert "secret" not in asked.reason + session.transport.health().detail
    await gateway.post("/event/login")
    await session.inbox.wait(GatewayChanged, lambda event: event.up, count=2)
    await session.transport.perform(HELLO)


async def test_capabilities_follow_the_role(gateway: Gateway, connect: Connect) -> None:
    managing = {Capability.REMOVE, Capability.ANNOUNCE, Capability.TOPIC}
    session = await connect()
    can = session.transport.capabilities
    assert managing <= can(GROUP)
    assert not managing & can(OTHER_GROUP)
    assert not managing & can()
    assert Capability.ADMIN_CHANNEL not in can(GROUP)
    await gateway.post("/rooms", id=OTHER_GROUP, adminIdList=["wxid_bot"])
    await gateway.post("/rooms", id=GROUP, ownerId="wxid_owner")
    for group in (GROUP, OTHER_GROUP):
        sent = await gateway.say("wxid_m03", "角色变了", group)
        await session.inbox.wait(MessageReceived, lambda event, sent=sent: event.id == f"msg:{sent}")
    assert managing <= can(OTHER_GROUP)
    assert not managing & can(GROUP)
    silent = await connect_silent(connect)
    assert Capability.ECHO not in silent


async def connect_silent(connect: Connect) -> frozenset[Capability]:
    session = await connect(online=False, echo=False)
    return session.transport.capabilities(GROUP)


async def test_large_groups_are_asked_about_politely(gateway: Gateway, connect: Connect) -> None:
    await gateway.post("/bulk-members", roomId=GROUP, count=478)
    session = await connect(lookups_per_second=100)
    first = await session.inbox.wait(RosterSeen, lambda event: event.group == GROUP)
    assert len(first.members) == first.size == 500
    assert 0 < sum(bool(each.name) for each in first.members) <= 40
    assert (await gateway.calls())["roomMemberPayload"] < 100
    await gateway.post("/event/room-join", roomId=GROUP, inviteeIds=["wxid_n9"], inviterId="", emit=False)
    await gateway.post("/event/raw", event="room-join", payload={"inviteeIdList": [], "roomId": GROUP})
    newer = await session.inbox.wait(RosterSeen, lambda event: len(event.members) == 501)
    assert Member("wxid_n9", "新人n9") in newer.members, "newcomers get their names first"
