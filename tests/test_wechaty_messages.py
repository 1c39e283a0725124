"""Test: every kind of message and room event that a Wechaty gateway sends becomes the right event, or harms nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.events import (
    GatewayChanged,
    MemberJoined,
    MemberLeft,
    MessageRecalled,
    MessageReceived,
    OwnMessageSeen,
    RedPacketSent,
    RosterSeen,
    TopicChanged,
)
from bot.model import Kind, Member, Role
from tests.gateway.client import GROUP, OTHER_GROUP, Gateway
from tests.gateway.fixtures import Connect, Session

pytestmark = pytest.mark.gateway
XML = "<msg><appmsg><title>群聊的聊天记录</title><des><![CDATA[张三: 加微信 &amp; 领券]]></des></appmsg></msg>"


async def received(session: Session, message_id: str) -> MessageReceived:
    return await session.inbox.wait(MessageReceived, lambda event: event.id == f"msg:{message_id}")


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        ({"type": "text", "text": "你好"}, {"kind": Kind.TEXT, "text": "你好"}),
        ({"type": "url", "url": {"title": "领券", "url": "https://a.example/x", "description": "限时"}},
         {"kind": Kind.LINK, "title": "领券", "url": "https://a.example/x", "text": "限时"}),
        ({"type": "mini-program", "miniProgram": {"title": "拼团", "description": "三人成团"}},
         {"kind": Kind.MINIPROGRAM, "title": "拼团", "text": "三人成团"}),
        ({"type": "contact", "contactId": "wxid_m07"}, {"kind": Kind.CARD, "title": "成员7", "text": ""}),
        ({"type": "location", "location": {"name": "望京", "address": "北京市朝阳区", "latitude": 1, "longitude": 2,
                                           "accuracy": 1}},
         {"kind": Kind.LOCATION, "title": "望京", "text": "北京市朝阳区"}),
        ({"type": "chat-history", "text": XML},
         {"kind": Kind.RECORD, "title": "群聊的聊天记录", "text": "张三: 加微信 & 领券"}),
        ({"type": "attachment", "filename": "报价.apk"}, {"kind": Kind.FILE, "title": "报价.apk"}),
        ({"type": "audio", "text": "<msg/>"}, {"kind": Kind.VOICE, "text": ""}),
        ({"type": "video", "text": "<msg/>"}, {"kind": Kind.VIDEO, "text": ""}),
        ({"type": "emoticon", "text": "<msg><emoji cdnurl='http://x'/></msg>"}, {"kind": Kind.STICKER, "text": ""}),
        ({"type": "transfer", "text": "<msg/>"}, {"kind": Kind.TRANSFER}),
        ({"type": "group-note", "text": "周五交稿"}, {"kind": Kind.NOTE, "text": "周五交稿"}),
        ({"type": "post", "text": "<msg><title>视频号</title></msg>"}, {"kind": Kind.OTHER, "title": "视频号"}),
        ({"type": "unknown", "text": "某种新消息"}, {"kind": Kind.OTHER, "text": "某种新消息"}),
        ({"type": 99, "text": "更新的消息"}, {"kind": Kind.OTHER, "text": "更新的消息"}),
        # what should be attached cannot be fetched: the message comes all the same
        ({"type": "url", "text": "<msg><title>只有标题</title></msg>"}, {"kind": Kind.LINK, "title": "只有标题"}),
        ({"type": "contact"}, {"kind": Kind.CARD, "title": ""}),
        ({"type": "image"}, {"kind": Kind.IMAGE, "text": ""}),
    ],
    ids=lambda value: str(value.get("type", "")) if isinstance(value, dict) else "",
)  # fmt: skip
async def test_kinds(sent: dict[str, Any], wanted: dict[str, Any], gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    message = await received(session, await gateway.say("wxid_m03", **sent))
    assert {key: getattr(message, key) for key in wanted} == wanted
    assert message.sender == Member("wxid_m03", "成员3", Role.MEMBER)


async def test_red_packet_and_recall(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    packet = await gateway.say("wxid_m04", type="red-envelope", text="<msg/>")
    assert (await session.inbox.wait(RedPacketSent)).id == f"msg:{packet}"
    said = await gateway.say("wxid_m04", "说错了")
    await gateway.post("/event/recall", messageId=said)
    recalled = await session.inbox.wait(MessageRecalled)
    assert recalled.message_id == f"msg:{said}"
    assert recalled.sender == Member("wxid_m04", "成员4")


async def test_names_and_roles(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    assert (await received(session, await gateway.say("wxid_m01", "1"))).sender.name == "小明-北京-产品"
    admin = await received(session, await gateway.say("wxid_m01", "2", OTHER_GROUP))
    owner = await received(session, await gateway.say("wxid_owner", "3", OTHER_GROUP))
    private = await received(session, await gateway.say("wxid_m01", "4", None))
    assert admin.sender == Member("wxid_m01", "成员1", Role.ADMIN)
    assert owner.sender == Member("wxid_owner", "群主老王", Role.OWNER)
    assert private.sender == Member("wxid_m01", "成员1", Role.MEMBER)
    assert private.group == ""


async def test_a_new_nickname_is_seen_after_dirty(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    assert (await received(session, await gateway.say("wxid_m02", "1"))).sender.name == "成员2"
    await gateway.post("/members", roomId=GROUP, id="wxid_m02", roomAlias="小红-上海-设计")
    assert (await received(session, await gateway.say("wxid_m02", "2"))).sender.name == "小红-上海-设计"
    await gateway.post("/contacts", id="wxid_m09", name="改了名")
    assert (await received(session, await gateway.say("wxid_m09", "3"))).sender.name == "改了名"
    await gateway.post("/rooms", id=GROUP, ownerId="wxid_owner", adminIdList=["wxid_m02"])
    assert (await received(session, await gateway.say("wxid_m02", "4"))).sender.role is Role.ADMIN


async def test_names_are_asked_for_once(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await session.inbox.wait(RosterSeen, count=2)
    await gateway.forget_calls()
    for number in range(20):
        await gateway.say(f"wxid_m{number % 3 + 5:02}", f"第 {number} 句")
    await session.inbox.wait(MessageReceived, count=20)
    calls = await gateway.calls()
    assert calls.get("messagePayload") == 20
    assert calls.get("roomMemberPayload", 0) <= 3
    assert "contactPayload" not in calls


async def test_mentions(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    named = await received(
        session,
        await gateway.say("wxid_m03", "@群助手\u2005@成员4\u2005看这里", mentionIdList=["wxid_bot", "wxid_m04"]),
    )
    assert (named.text, named.mentions, named.mentions_bot) == ("@群助手 @成员4 看这里", ("wxid_m04",), True)
    by_name = await received(session, await gateway.say("wxid_m03", "@群助手\u2005在吗"))
    assert by_name.mentions_bot
    other = await received(session, await gateway.say("wxid_m03", "@群助手二号 在吗"))
    assert not other.mentions_bot
    everybody = await received(session, await gateway.say("wxid_m03", "@所有人", mentionIdList=["announcement@all"]))
    assert (everybody.mentions, everybody.mentions_bot) == ((), False)


async def test_quotes(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    said = await gateway.say("wxid_m03", "第一行\n加微信领券")
    dashes = "\n- - - - - - - - - - - - - - -\n"
    answer = await received(session, await gateway.say("wxid_m04", f"「成员3：第一行\n加微信领券」{dashes}/广告"))
    assert answer.text == "/广告"
    assert answer.quote is not None
    assert (answer.quote.text, answer.quote.id, answer.quote.sender) == (
        "第一行\n加微信领券",
        f"msg:{said}",
        "wxid_m03",
    )
    # nobody said that: it may be an advertisement in disguise, so the text stays whole
    typed = await received(session, await gateway.say("wxid_m04", f"「成员3：加 V 信 abc」{dashes}大家好"))
    assert typed.text.startswith("「成员3：加 V 信 abc」")
    assert typed.quote is not None
    assert (typed.quote.id, typed.quote.sender) == ("", "成员3")


async def test_own_messages_are_echoes(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    in_group = await gateway.say("wxid_bot", "我在手机上说的")
    private = await gateway.say("wxid_bot", "私聊", None, listenerId="wxid_m01")
    first = await session.inbox.wait(OwnMessageSeen)
    second = await session.inbox.wait(OwnMessageSeen, count=2)
    assert (first.text, first.group, first.to, first.message_id) == ("我在手机上说的", GROUP, "", f"msg:{in_group}")
    assert (second.text, second.group, second.to, second.id) == ("私聊", "", "wxid_m01", f"msg:{private}")
    assert not session.inbox.of(MessageReceived)


@pytest.mark.parametrize("unit", [1, 1000])
async def test_times_in_seconds_or_milliseconds(unit: int, gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    at = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    message = await received(session, await gateway.say("wxid_m03", "早", timestamp=int(at.timestamp()) * unit))
    assert message.at == at


@pytest.mark.parametrize("stamp", [0, 99999999999999])
async def test_impossible_times_become_now(stamp: int, gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    message = await received(session, await gateway.say("wxid_m03", "早", timestamp=stamp))
    assert abs(message.at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_text_is_bounded_and_clean(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    long = await received(session, await gateway.say("wxid_m03", "长" * 100_000))
    assert len(long.text.encode()) <= 64 * 1024
    assert long.text.startswith("长长长")
    odd = await received(session, await gateway.say("wxid_m03", "零\0字节"))
    assert odd.text == "零字节"
    await gateway.post("/contacts", id="wxid_m11", name="换\n行\0‮反\u200b" + "长" * 500)
    named = await received(session, await gateway.say("wxid_m11", "名字很怪"))
    assert "\n" not in named.sender.name
    assert "\0" not in named.sender.name
    assert len(named.sender.name.encode()) <= 200


async def test_joins(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    body = {"roomId": GROUP, "inviteeIds": ["wxid_n1", "wxid_n2"], "inviterId": "wxid_m01", "timestamp": 1795000000000}
    await gateway.post("/event/room-join", **body)
    await session.inbox.wait(MemberJoined, count=2)
    first, second = session.inbox.of(MemberJoined)
    assert first.id == f"join:{GROUP}:wxid_n1:1795000000000"
    assert first.member == Member("wxid_n1", "新人n1")
    assert first.inviter == Member("wxid_m01", "小明-北京-产品")
    assert second.member.id == "wxid_n2"


@pytest.mark.parametrize(
    "inviter",
    [{}, {"inviterId": ""}, {"inviterId": None}, {"inviterId": "wxid_n3"}],
    ids=["absent", "", "null", "self"],
)
async def test_joins_without_an_inviter(inviter: dict[str, object], gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await gateway.post("/event/room-join", roomId=GROUP, inviteeIds=["wxid_n3"], inviterId="", emit=False)
    payload = {"inviteeIdList": ["wxid_n3"], "roomId": GROUP, "timestamp": 1795000000} | inviter
    await gateway.post("/event/raw", event="room-join", payload=payload)
    joined = await session.inbox.wait(MemberJoined)
    assert joined.inviter is None
    assert joined.at == datetime.fromtimestamp(1795000000, UTC)


async def test_a_join_of_nobody_is_found_in_the_list(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await session.inbox.wait(RosterSeen, count=2)
    await gateway.post("/event/room-join", roomId=GROUP, inviteeIds=["wxid_n4"], inviterId="", emit=False)
    await gateway.post("/event/raw", event="room-join", payload={"inviteeIdList": [], "roomId": GROUP})
    roster = await session.inbox.wait(RosterSeen, lambda event: "wxid_n4" in {each.id for each in event.members})
    assert Member("wxid_n4", "新人n4") in roster.members


async def test_leaves_and_removals(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await received(session, await gateway.say("wxid_m05", "我要走了"))
    await gateway.post(
        "/event/room-leave", roomId=GROUP, removeeIds=["wxid_m05"], removerId="wxid_owner", timestamp=1795000000000
    )
    left = await session.inbox.wait(MemberLeft)
    assert left.id == f"leave:{GROUP}:wxid_m05:1795000000000"
    assert left.member == Member("wxid_m05", "成员5")
    assert left.by == Member("wxid_owner", "群主老王")
    await gateway.post("/event/raw", event="room-leave", payload={"removeeIdList": ["wxid_m06"], "roomId": GROUP})
    assert (await session.inbox.wait(MemberLeft, count=2)).by is None


async def test_topics(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await gateway.post("/event/room-topic", roomId=GROUP, topic="新群名", changerId="wxid_owner")
    changed = await session.inbox.wait(TopicChanged)
    assert (changed.topic, changed.by) == ("新群名", Member("wxid_owner", "群主老王"))
    await gateway.post("/event/raw", event="room-topic", payload={"newTopic": "再改", "roomId": GROUP})
    assert (await session.inbox.wait(TopicChanged, count=2)).by is None


async def test_a_talker_whose_payload_fails_is_heard(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    stranger = await received(session, await gateway.say("wxid_nobody", "没有资料", force=True))
    assert stranger.sender == Member("wxid_nobody", "wxid_nobody")
    await gateway.post("/faults", method="roomPayload", code="INTERNAL", message="boom")
    await gateway.post("/faults", method="roomMemberPayload", code="INTERNAL", message="boom")
    assert (await received(session, await gateway.say("wxid_m12", "都失败"))).text == "都失败"


async def test_a_payload_is_asked_for_again(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await gateway.post("/faults", method="messagePayload", code="INTERNAL", message="boom", times=1)
    assert (await received(session, await gateway.say("wxid_m03", "再试一次"))).text == "再试一次"
    await gateway.post("/faults", method="messagePayload", code="INTERNAL", message="boom", times=3)
    await gateway.say("wxid_m03", "找不回来")
    assert (await received(session, await gateway.say("wxid_m03", "后面的不受影响"))).text == "后面的不受影响"


ODD = [
    {"payload": "{broken json"},
    {"payload": '"只是字符串"', "type": 2},
    {"payload": "[1, 2]", "type": 19},
    {"payload": "", "type": 20},
    {"payload": "{}", "type": 77},
    {"payload": '{"messageId": 12345}', "type": 2},
    {"payload": '{"messageId": null}', "type": 2},
    {"payload": '{"messageId": {"a": 1}}', "type": 2},
    {"payload": '{"roomId": "10000000001@chatroom", "inviteeIdList": "wxid_m01"}', "type": 19},
    {"payload": '{"roomId": "10000000001@chatroom", "inviteeIdList": [null, 5, {}]}', "type": 19},
    {"payload": '{"roomId": "10000000001@chatroom", "removeeIdList": {"a": 1}, "timestamp": "soon"}', "type": 20},
    {"payload": '{"roomId": "10000000001@chatroom", "newTopic": 5, "timestamp": -1e300}', "type": 21},
    {"payload": '{"roomId": "10000000001@chatroom", "newTopic": "半个\\ud83d字"}', "type": 21},
    {"payload": '{"payloadType": "x", "payloadId": 5}', "type": 27},
    {"payload": '{"payloadType": 3}', "type": 27},
    {"payload": '{"gerror": "{\\"message\\": \\"boom\\"}"}', "type": 16},
    {"payload": '{"friendshipId": "f"}', "type": 17},
    {"payload": '{"roomInvitationId": "r"}', "type": 18},
    {"payload": "[" * 100_000, "type": 2},
]


async def test_odd_events_harm_nothing(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    for odd in ODD:
        await gateway.post("/event/odd", **odd)
        await gateway.post("/event/error", message="puppet 出错")
    assert (await received(session, await gateway.say("wxid_m03", "我还在"))).text == "我还在"
    assert session.transport.health().logged_in
    assert len(session.inbox.of(GatewayChanged)) == 1
    for event in session.inbox.events:
        str(event).encode()
    assert session.inbox.of(TopicChanged)[-1].topic.startswith("半个")


async def test_what_nobody_said_is_no_message(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await gateway.say("", "你邀请成员9加入了群聊", force=True)
    await gateway.say(GROUP, "系统消息", force=True)
    await gateway.post("/contacts", id="gh_news", name="某公众号", type=2)
    await gateway.say("gh_news", "今日推送", None)
    await received(session, await gateway.say("wxid_m03", "结束"))
    await received(session, await gateway.say("wxid_m03", "结束", None))
    assert {event.sender.id for event in session.inbox.of(MessageReceived)} == {"wxid_m03"}


async def test_a_burst_keeps_its_order(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    count = 3000
    await gateway.post("/burst", roomId=GROUP, count=count, prefix="b")
    await session.inbox.wait(MessageReceived, count=count, within=60)
    assert [int(event.text.split()[1]) for event in session.inbox.of(MessageReceived)] == list(range(count))


async def test_a_slow_picture_holds_up_its_own_group_only(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await gateway.post("/faults", method="messageImage", drop=True, times=1)
    slow = await gateway.say("wxid_m03", type="image", file={"name": "a.png", "mode": "base64"})
    behind = await gateway.say("wxid_m03", "排在图片后面")
    await received(session, await gateway.say("wxid_m03", "另一个群", OTHER_GROUP))
    assert not [event for event in session.inbox.of(MessageReceived) if event.id in (f"msg:{slow}", f"msg:{behind}")]


async def test_repeated_deliveries_are_dropped(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    message = await gateway.say("wxid_m03", "一次")
    for _ in range(3):
        await gateway.post("/event/raw", event="message", payload={"messageId": message})
    await received(session, await gateway.say("wxid_m03", "结束"))
    assert [event.text for event in session.inbox.of(MessageReceived)] == ["一次", "结束"]
