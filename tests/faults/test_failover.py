"""Test: two real processes for one account on one server: one serves, one stands by, and nothing is done twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.account import LOST
from bot.storage.server import Server
from tests.faults.process import BotProcess, moments
from tests.gateway.client import GROUP, Gateway

pytestmark = pytest.mark.faults

AD = "兼职刷单日赚500，加V：zz998877"
LEASE = "3s"


@pytest.fixture
async def pair(tmp_path: Path, gateway: Gateway, server: Server) -> AsyncIterator[tuple[BotProcess, BotProcess]]:
    """The first serves, the second stands by."""
    about = {"STORAGE__URL": server.url, "STORAGE__LEASE": LEASE}
    first, second = (BotProcess(tmp_path / name, gateway, **about) for name in ("first", "second"))
    await first.start()
    await second.start(ready=False)
    await until_it_says(second, 503, "备用")
    await gateway.mark()
    yield first, second
    await first.kill()
    await second.kill()


async def until_it_says(bot: BotProcess, status: int, part: str = "") -> None:
    async with asyncio.timeout(30):
        while True:
            answer = await bot.says("/readyz")
            if answer[0] == status and part in answer[1]:
                return
            await moments()


async def removals(gateway: Gateway) -> Counter[str]:
    return Counter(action["args"]["contactId"] for action in await gateway.actions("roomDel"))


async def said(gateway: Gateway, part: str) -> int:
    """How often the gateway was told to send a text with this in it."""
    return sum(part in action["args"]["text"] for action in await gateway.actions("messageSendText"))


async def ask_the_tables(server: Server, statement: str) -> object:
    connection = await server.connect()
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_one_stands_by_takes_over_at_once_from_one_that_stops_and_ends_when_told(
    pair: tuple[BotProcess, BotProcess], server: Server
):
    first, second = pair
    assert (await second.says("/healthz"))[0] == 200
    status, body = await second.says("/readyz")
    assert status == 503
    assert "main" in body
    assert (await first.says("/readyz"))[0] == 200
    assert await first.stop() == 0
    await second.ready()
    assert await ask_the_tables(server, "SELECT epoch FROM shequn.leases") == 2
    await first.start(ready=False)
    await until_it_says(first, 503, "备用")
    assert await first.stop() == 0
    assert (await second.says("/readyz"))[0] == 200


async def test_killed_the_other_takes_over_and_each_removal_happens_once(
    pair: tuple[BotProcess, BotProcess], gateway: Gateway, server: Server
):
    first, second = pair
    for number in (3, 4, 5):
        await gateway.say(f"wxid_m0{number}", AD.replace("zz", f"q{number}"))
    await gateway.wait_action("messageSendText", conversationId=GROUP, text="成员5")
    await first.kill()
    await second.ready()
    for number in (3, 4, 5):
        await gateway.wait_action("roomDel", contactId=f"wxid_m0{number}", within=20)
    await gateway.say("wxid_owner", "/状态")
    await gateway.wait_action("messageSendText", text="照看", within=15)
    assert await removals(gateway) == {"wxid_m03": 1, "wxid_m04": 1, "wxid_m05": 1}
    assert await ask_the_tables(server, "SELECT count(*) FROM cases") == 3


async def test_one_that_hangs_loses_the_account_and_does_nothing_more_when_it_wakes(
    pair: tuple[BotProcess, BotProcess], gateway: Gateway, server: Server
):
    first, second = pair
    await gateway.say("wxid_m06", AD)
    await gateway.wait_action("messageSendText", conversationId=GROUP, text="成员6")
    first.hang()
    await second.ready()
    await gateway.wait_action("roomDel", contactId="wxid_m06", within=20)
    await gateway.say("wxid_m07", AD.replace("zz", "qq"))
    await gateway.wait_action("messageSendText", conversationId=GROUP, text="成员7", within=20)
    first.wake()
    assert await first.ended() == LOST
    assert "已由另一个进程接手" in first.log()
    await gateway.wait_action("roomDel", contactId="wxid_m07", within=20)
    assert await removals(gateway) == {"wxid_m06": 1, "wxid_m07": 1}
    assert await said(gateway, "@成员6\u2005") == 1
    assert await said(gateway, "@成员7\u2005") == 1
    await second.ready()
