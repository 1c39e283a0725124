"""Test: the Wechaty transport keeps the contract of all transports, against a real gateway process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.transports.wechaty.convert import event_id
from tests.contract import CHECKS, Check, Contract, Said, name_of
from tests.gateway.client import GROUP, OTHER_GROUP, Gateway
from tests.gateway.fixtures import Connect

pytestmark = pytest.mark.gateway
PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 100


class GatewayWorld:
    """The scripted gateway as a far side."""

    group, plain_group = GROUP, OTHER_GROUP
    boss, newcomer = "wxid_owner", "wxid_new"
    members = ("wxid_m01", "wxid_m02", "wxid_m03")

    def __init__(self, gateway: Gateway, picture: Path) -> None:
        self._gateway, self.picture = gateway, picture
        self._heard = 0
        self._last = ""

    async def says(self, member: str, text: str, *, mention_bot: bool = False, private: bool = False) -> str:
        if mention_bot:
            self._last = await self._gateway.say(member, f"@群助手\u2005{text}", GROUP, mentionIdList=["wxid_bot"])
        else:
            self._last = await self._gateway.say(member, text, None if private else GROUP)
        return event_id(self._last)

    async def repeats(self) -> None:
        await self._gateway.post("/event/raw", event="message", payload={"messageId": self._last})

    async def sends_red_packet(self, member: str) -> None:
        await self._gateway.say(member, type="red-envelope")

    async def recalls(self, member: str, message: str) -> None:
        await self._gateway.post("/event/recall", messageId=message.removeprefix(event_id("")))

    async def joins(self, member: str, inviter: str) -> None:
        await self._gateway.post("/event/room-join", roomId=GROUP, inviteeIds=[member], inviterId=inviter)

    async def leaves(self, member: str) -> None:
        await self._gateway.post("/event/room-leave", roomId=GROUP, removeeIds=[member], removerId=member)

    async def renames_group(self, topic: str, by: str) -> None:
        await self._gateway.post("/event/room-topic", roomId=GROUP, topic=topic, changerId=by)

    async def hears(self) -> Said:
        while True:
            answer = await self._gateway.get("/actions", since=self._heard, waitMs=5000)
            assert answer["actions"], "the bot said nothing"
            action = answer["actions"][0]
            self._heard = action["seq"]
            args = action["args"]
            to = args.get("conversationId", "")
            to = "" if to == GROUP else to
            if action["method"] == "messageSendText":
                return Said(args["text"], tuple(args["mentionIdList"]), to)
            if action["method"] == "messageSendFile":
                return Said("", (), to, is_image=args["file"]["size"] == self.picture.stat().st_size)

    async def has_recalled(self, message: str) -> bool:
        recalled = [action["args"]["id"] for action in await self._gateway.actions("messageRecall")]
        return message.removeprefix(event_id("")) in recalled

    async def _room(self) -> dict[str, object]:
        rooms = (await self._gateway.get("/state"))["rooms"]
        return next(room for room in rooms if room["id"] == GROUP)

    async def members_now(self) -> frozenset[str]:
        members = (await self._room())["memberIdList"]
        assert isinstance(members, list)
        return frozenset(members)

    async def announcement_now(self) -> str:
        return str((await self._room())["announcement"])

    async def topic_now(self) -> str:
        return str((await self._room())["topic"])

    async def goes_down(self) -> None:
        await self._gateway.post("/net/refuse")

    async def comes_back(self) -> None:
        await self._gateway.post("/net/accept")


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
async def test_contract(check: Check, gateway: Gateway, connect: Connect, tmp_path: Path) -> None:
    picture = tmp_path / "图.png"
    await asyncio.to_thread(picture.write_bytes, PNG)
    await gateway.post("/contacts", id="wxid_new", name="新来的")
    await gateway.post("/rooms", id=GROUP, adminIdList=["wxid_owner"])
    session = await connect()
    await check(Contract(session.transport, GatewayWorld(gateway, picture), session.inbox))
