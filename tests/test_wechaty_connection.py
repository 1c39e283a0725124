"""Test: the connection to a real gateway breaks in every way and comes back, and the account stays logged in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.events import Event, GatewayChanged, MessageReceived, RosterSeen
from bot.transports.wechaty.adapter import WechatyTransport
from bot.transports.wechaty.calls import GatewayPuppet
from bot.transports.wechaty.shim import EventRequest
from tests.contract import Inbox
from tests.gateway.client import GROUP, Gateway, GatewayProcess
from tests.gateway.fixtures import Connect, Session, need_gateway, settings_for

pytestmark = pytest.mark.gateway


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway process of the test's own, whose puppet is still off."""
    need_gateway()
    process = await asyncio.to_thread(GatewayProcess().start)
    async with Gateway(process) as gateway:
        yield gateway
    await asyncio.to_thread(process.kill)


async def says(gateway: Gateway, session: Session, text: str) -> MessageReceived:
    message = await gateway.say("wxid_m03", text)
    return await session.inbox.wait(MessageReceived, lambda event: event.id == f"msg:{message}")


async def back(session: Session, times: int) -> GatewayChanged:
    return await session.inbox.wait(GatewayChanged, lambda event: event.up, times)


async def test_started_once_and_never_stopped(fresh: Gateway, tmp_path: Path) -> None:
    session = Session(WechatyTransport(settings_for(fresh), lambda: datetime.now(UTC), tmp_path))
    await back(session, 1)
    await fresh.post("/net/drop")
    await back(session, 2)
    await fresh.post("/server/restart", downMs=100)
    await back(session, 3)
    await fresh.post("/net/refuse")
    await session.inbox.wait(GatewayChanged, lambda event: "连不上" in event.reason)
    await fresh.post("/net/accept")
    await back(session, 4)
    await says(fresh, session, "都过去了")
    await session.close()
    again = Session(WechatyTransport(settings_for(fresh), lambda: datetime.now(UTC), tmp_path))
    await back(again, 1)
    await says(fresh, again, "重启了机器人")
    await again.close()
    health = await fresh.get("/health")
    assert (health["starts"], health["stops"], health["loggedIn"]) == (1, 0, True)
    assert not [action for action in await fresh.actions() if action["method"] == "logout"]


async def test_the_gateway_process_dies_and_comes_back(fresh: Gateway, tmp_path: Path) -> None:
    session = Session(WechatyTransport(settings_for(fresh), lambda: datetime.now(UTC), tmp_path))
    await back(session, 1)
    await says(fresh, session, "之前")
    await asyncio.to_thread(fresh.process.kill)
    down = await session.inbox.wait(GatewayChanged, lambda event: not event.up)
    await asyncio.to_thread(fresh.process.start)
    up = await back(session, 2)
    assert up.gap_from is not None
    assert up.gap_from <= down.at <= up.at
    await says(fresh, session, "之后")
    assert (await fresh.get("/health"))["stops"] == 0
    await session.close()


async def test_a_frozen_connection_is_noticed_and_left_without_stop(gateway: Gateway, connect: Connect) -> None:
    session = await connect(keepalive="500ms")
    before = await gateway.get("/health")
    await gateway.post("/net/freeze", existing=True)
    await session.inbox.wait(GatewayChanged, lambda event: "断开" in event.reason)
    await session.inbox.wait(GatewayChanged, lambda event: "占用" in event.reason)
    await gateway.post("/net/thaw")
    await back(session, 2)
    await says(gateway, session, "解冻了")
    health = await gateway.get("/health")
    assert (health["starts"], health["stops"]) == (before["starts"], 0)


async def test_our_own_dead_stream_is_taken_over(gateway: Gateway, connect: Connect) -> None:
    session = await connect(keepalive="500ms", takeover_after="300ms")
    before = await gateway.get("/health")
    await gateway.post("/net/freeze", existing=True)
    await back(session, 2)
    await says(gateway, session, "接管了")
    health = await gateway.get("/health")
    assert (health["starts"], health["stops"]) == (before["starts"] + 1, 1)


async def test_a_restarted_bot_takes_its_own_dead_stream_over(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await gateway.post("/net/freeze", existing=True)
    await session.close()
    again = await connect(takeover_after="200ms")
    await says(gateway, again, "又是我")
    assert (await gateway.get("/health"))["stops"] == 1


async def test_a_deaf_stream_is_noticed(gateway: Gateway, connect: Connect) -> None:
    session = await connect(quiet_after="200ms", call_timeout="300ms")
    await gateway.wait_action("ding")
    await says(gateway, session, "问过了，在的")
    assert not session.inbox.of(GatewayChanged, lambda event: not event.up)
    await gateway.post("/event/deafen")
    await back(session, 2)
    await says(gateway, session, "又听见了")
    assert (await gateway.get("/health"))["stops"] == 0


async def test_a_second_bot_waits_and_throws_nobody_out(gateway: Gateway, connect: Connect) -> None:
    first = await connect()
    second = await connect(online=False, folder="of another bot", takeover_after="1ms")
    refused = await second.inbox.wait(GatewayChanged)
    assert "另一个客户端" in refused.reason
    with pytest.raises(AssertionError):
        await gateway.wait_action("stop", within=0.6)
    await says(gateway, first, "我还在")
    assert not first.inbox.of(GatewayChanged, lambda event: not event.up)
    await first.close()
    await second.online()
    await says(gateway, second, "轮到我了")
    assert (await gateway.get("/health"))["stops"] == 0


async def test_a_bot_that_was_thrown_out_does_not_fight(gateway: Gateway, connect: Connect) -> None:
    session = await connect(takeover_after="1ms", backoff_first="700ms", backoff_longest="700ms")
    intruder = GatewayPuppet(settings_for(gateway), None)
    intruder.open()
    await intruder.stop()
    await session.inbox.wait(GatewayChanged, lambda event: not event.up)
    async with intruder.event_stream() as stream:
        await stream.send_message(EventRequest(), end=True)
        await stream.recv_message()
        await session.inbox.wait(GatewayChanged, lambda event: "占用" in event.reason)
        with pytest.raises(AssertionError):
            await gateway.wait_action("start", within=1.5)
        assert (await gateway.get("/health"))["stops"] == 1
        await stream.cancel()
    intruder.hang_up()
    await back(session, 2)


async def test_a_wrong_token_is_said_plainly(
    gateway: Gateway, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    session = await connect(online=False, token="wrong-secret-token")
    down = await session.inbox.wait(GatewayChanged)
    health = session.transport.health()
    assert (health.connected, health.logged_in, down.up) == (False, False, False)
    assert "WECHATY_PUPPET_SERVICE_TOKEN" in health.detail
    assert "令牌" in health.detail
    assert "wrong-secret-token" not in caplog.text + health.detail
    assert len(session.inbox.events) == 1, "said once, however often it is tried"


async def test_the_gateway_is_not_up_yet(gateway: Gateway, connect: Connect) -> None:
    await gateway.post("/net/refuse")
    session = await connect(online=False)
    down = await session.inbox.wait(GatewayChanged)
    assert gateway.endpoint in down.reason
    await gateway.post("/net/accept")
    assert (await back(session, 1)).gap_from is None
    await says(gateway, session, "来了")


async def test_what_changed_meanwhile_is_in_the_list(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await session.inbox.wait(RosterSeen, count=2)
    await gateway.post("/net/refuse")
    await session.inbox.wait(GatewayChanged, lambda event: not event.up)
    await gateway.post("/event/room-join", roomId=GROUP, inviteeIds=["wxid_n1"], inviterId="wxid_m01")
    await gateway.post("/event/room-leave", roomId=GROUP, removeeIds=["wxid_m09"], removerId="")
    await gateway.post("/event/room-topic", roomId=GROUP, topic="换了名", changerId="wxid_owner")
    await gateway.post("/net/accept")
    roster = await session.inbox.wait(RosterSeen, lambda event: event.topic == "换了名")
    members = {each.id: each.name for each in roster.members}
    assert members["wxid_n1"] == "新人n1"
    assert "wxid_m09" not in members
    assert roster.size == len(members)


async def test_the_lists_are_compared_now_and_then(gateway: Gateway, connect: Connect) -> None:
    session = await connect(reconcile="100ms")
    await session.inbox.wait(RosterSeen, count=4)
    await gateway.post("/event/room-join", roomId=GROUP, inviteeIds=["wxid_n2"], inviterId="", emit=False)
    await session.inbox.wait(RosterSeen, lambda event: "wxid_n2" in {each.id for each in event.members})
    await gateway.post("/faults", method="roomMemberList", code="INTERNAL", message="boom", times=2)
    await gateway.post("/faults", method="roomList", code="INTERNAL", message="boom", times=2)
    await session.inbox.wait(RosterSeen, count=len(session.inbox.of(RosterSeen)) + 4)


async def test_an_empty_list_is_not_believed(gateway: Gateway, connect: Connect) -> None:
    session = await connect(reconcile="50ms")
    await gateway.post("/rooms", id=GROUP, memberIdList=[])
    await session.inbox.wait(RosterSeen, lambda event: event.group != GROUP, len(session.inbox.of(RosterSeen)) + 3)
    assert all(event.members for event in session.inbox.of(RosterSeen))
    assert await session.transport.is_member(GROUP, "wxid_m01") is None


async def test_a_message_under_way_survives_a_break(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    await gateway.post("/faults", method="messagePayload", drop=True, times=2)
    first = await gateway.say("wxid_m03", "正在查")
    second = await gateway.say("wxid_m04", "也在查")
    while (await gateway.calls()).get("messagePayload", 0) < 2:
        pass
    await gateway.post("/net/drop")
    await session.inbox.wait(MessageReceived, count=2)
    assert [event.id for event in session.inbox.of(MessageReceived)] == [f"msg:{first}", f"msg:{second}"]


async def test_a_slow_bot_loses_nothing(gateway: Gateway, connect: Connect, tmp_path: Path) -> None:
    inbox, gate = Inbox(), asyncio.Event()

    async def deliver(event: Event) -> None:
        await gate.wait()
        await inbox.deliver(event)

    transport = WechatyTransport(settings_for(gateway), lambda: datetime.now(UTC), tmp_path)
    task = asyncio.create_task(transport.run(deliver))
    while not transport.health().logged_in:
        await gateway.get("/health")
    await gateway.post("/burst", roomId=GROUP, count=1500)
    while (await gateway.calls()).get("messagePayload", 0) < 900:
        pass
    assert not inbox.events
    gate.set()
    await inbox.wait(MessageReceived, count=1500, within=60)
    assert [int(event.text.split()[1]) for event in inbox.of(MessageReceived)] == list(range(1500))
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await transport.close()


async def test_somebody_has_to_scan(gateway: Gateway, connect: Connect) -> None:
    await gateway.post("/event/logout")
    session = await connect(online=False, start_grace="600ms")
    await gateway.post("/event/scan")
    await session.inbox.wait(GatewayChanged, lambda event: "扫码" in event.reason)
    await gateway.mark()
    with pytest.raises(AssertionError):
        await gateway.wait_action("start", within=1)
    assert session.transport.health().connected
    await gateway.post("/event/login")
    await session.online()


async def test_an_error_of_the_deliverer_is_not_hidden(gateway: Gateway, tmp_path: Path) -> None:
    async def deliver(_: Event) -> None:
        raise ZeroDivisionError

    transport = WechatyTransport(settings_for(gateway), lambda: datetime.now(UTC), tmp_path)
    with pytest.raises(ExceptionGroup) as raised:
        await transport.run(deliver)
    assert raised.group_contains(ZeroDivisionError)
    await transport.close()


async def test_another_account_logs_in(gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    assert session.transport.account.id == "wxid_bot"
    await gateway.post("/event/logout")
    await gateway.post("/event/login", contactId="wxid_m01")
    await back(session, 2)
    assert (session.transport.account.id, session.transport.account.name) == ("wxid_m01", "成员1")
