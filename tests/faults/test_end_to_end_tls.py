"""Test: the red-packet story over TLS, as a gateway is delivered: encrypted unless told otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.process import BotProcess
from tests.gateway.client import GROUP, Gateway

pytestmark = pytest.mark.faults
GATEWAY_OPTIONS = ("--tls",)


async def test_the_red_packet_story_over_tls_with_a_kill_in_it(tmp_path: Path, gateway: Gateway):
    bot = await BotProcess(tmp_path / "data", gateway, tls=True).start()
    try:
        await gateway.mark()
        await gateway.say("wxid_m07", "兼职刷单日赚500，加V：zz998877")
        await gateway.say("wxid_m08", "需要代理的加薇 abc12345，日结，名额有限")
        await gateway.wait_action("messageSendText", conversationId=GROUP, text="成员8")
        await gateway.say("wxid_m08", "", type="red-envelope")
        await gateway.wait_action("messageSendText", conversationId=GROUP, text="收到红包")
        await bot.kill()
        await bot.start()
        await gateway.wait_action("roomDel", contactId="wxid_m07", within=20)
        removed = [action["args"]["contactId"] for action in await gateway.actions("roomDel")]
        assert removed == ["wxid_m07"]
        assert (await gateway.get("/health"))["stops"] == 0
    finally:
        await bot.kill()
