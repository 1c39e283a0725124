"""Transport: the calls to the gateway: the SDK's puppet, with its channel ours and its broken calls repaired.

Of the SDK only the stubs and the calls they get right are used. Its `start` (which logs the account out first),
its event loop (which dies of one odd event) and its look-up of the endpoint (blocking) are replaced.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TypeVar

from betterproto import Message
from grpclib.client import Channel, Stream
from grpclib.const import Cardinality

from bot.transports.wechaty import messages as m
from bot.transports.wechaty.apart import apart
from bot.transports.wechaty.channel import open_channel
from bot.transports.wechaty.settings import WechatySettings
from bot.transports.wechaty.shim import (
    ContactPayloadResponse,
    EventRequest,
    EventResponse,
    FriendshipPayloadResponse,
    Puppet,
    PuppetOptions,
    PuppetService,
    PuppetStub,
    RoomMemberPayloadResponse,
    RoomPayloadResponse,
)

Reply = TypeVar("Reply", bound=Message)
Sent = TypeVar("Sent", bound=Message)
LOOKUPS_IN_FLIGHT = 32
ROOM, ROOM_MEMBER = 3, 4
_DIRTY_KINDS = (ROOM, ROOM_MEMBER)


class GatewayPuppet(PuppetService):
    """One gateway. Look-ups share `LOOKUPS_IN_FLIGHT` places; actions do not queue behind them.

    Every call has a deadline and raises what `trouble.CALL_ERRORS` lists.
    """

    channel: Channel | None

    def __init__(self, settings: WechatySettings, context: ssl.SSLContext | None) -> None:
        # not PuppetService.__init__: it reads `TOKEN` from the environment and logs tokens
        Puppet.__init__(self, PuppetOptions(token=settings.token.get_secret_value(), end_point=settings.endpoint))
        self.settings, self._context = settings, context
        self.channel, self._puppet_stub = None, None
        self.login_user_id: str | None = None
        self._timeout = settings.call_timeout.total_seconds()
        self._lookups = asyncio.Semaphore(LOOKUPS_IN_FLIGHT)

    # -- connection

    def open(self) -> Channel:
        """Drop the old channel, make a new one; it connects at its first call."""
        self.hang_up()
        self.channel = open_channel(self.settings, self._context)
        self._puppet_stub = PuppetStub(self.channel, timeout=self._timeout)
        return self.channel

    def hang_up(self) -> None:
        """Close the channel; calls under way end as broken. Sends no `Stop`: that would log the account out."""
        channel, self.channel, self._puppet_stub = self.channel, None, None
        if channel is not None:
            channel.close()

    def event_stream(self) -> Stream[EventRequest, EventResponse]:
        """The one call without a deadline; keep-alive pings watch over it."""
        return self.request("Event", Cardinality.UNARY_STREAM, EventRequest, EventResponse, None)

    def request(
        self, method: str, shape: Cardinality, send: type[Sent], reply: type[Reply], within: float | None
    ) -> Stream[Sent, Reply]:
        if self.channel is None:
            raise ConnectionRefusedError("没有连接 (not connected)")
        return self.channel.request(f"/wechaty.Puppet/{method}", shape, send, reply, timeout=within)

    async def start(self) -> None:
        """Log the account in. Only for a puppet that is off: each call on a running one leaks listeners there."""
        await apart(self._stub().start())

    async def stop(self) -> None:
        """Throw the holder of the event stream out, which logs the account out."""
        await apart(self._stub().stop())

    async def ding_gateway(self) -> None:
        """Ask for a `dong` on the event stream."""
        await apart(self._stub().ding(data="shequn"))

    def _stub(self) -> PuppetStub:
        if self._puppet_stub is None:
            raise ConnectionRefusedError("没有连接 (not connected)")
        return self._puppet_stub

    async def call(self, method: str, request: Message, reply: type[Reply], within: float | None = None) -> Reply:
        """One unary call by its own messages; `within` seconds, default `call_timeout`."""
        route = f"/wechaty.Puppet/{method}"
        answer: Reply = await apart(self._stub()._unary_unary(route, request, reply, timeout=within))
        return answer

    async def stream(self, method: str, request: Message, reply: type[Reply], within: float) -> AsyncIterator[Reply]:
        """What the gateway sends in pieces; `within` seconds for all of it."""
        pieces = self._stub()._unary_stream(f"/wechaty.Puppet/{method}", request, reply, timeout=within)
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece

    async def look_up(self, method: str, request: Message, reply: type[Reply], within: float | None = None) -> Reply:
        async with self._lookups:
            return await self.call(method, request, reply, within)

    # -- look-ups

    async def message(self, message_id: str) -> m.MessagePayload:
        return await self.look_up("MessagePayload", m.OneId(message_id), m.MessagePayload)

    async def contact(self, contact_id: str) -> ContactPayloadResponse:
        async with self._lookups:
            return await apart(self._stub().contact_payload(id=contact_id))

    async def room(self, room_id: str) -> RoomPayloadResponse:
        async with self._lookups:
            return await apart(self._stub().room_payload(id=room_id))

    async def room_member(self, room_id: str, contact_id: str) -> RoomMemberPayloadResponse:
        async with self._lookups:
            return await apart(self._stub().room_member_payload(id=room_id, member_id=contact_id))

    async def friendship(self, friendship_id: str) -> FriendshipPayloadResponse:
        async with self._lookups:
            return await apart(self._stub().friendship_payload(id=friendship_id))

    async def rooms(self) -> list[str]:
        async with self._lookups:
            return list((await apart(self._stub().room_list())).ids)

    async def member_ids(self, room_id: str) -> list[str]:
        async with self._lookups:
            return list((await apart(self._stub().room_member_list(id=room_id))).member_ids)

    async def forget_room(self, room_id: str) -> None:
        """Ask the gateway to drop what it remembers of a room, so that the next look-up asks WeChat."""
        for kind in _DIRTY_KINDS:
            await apart(self._stub().dirty_payload(type=kind, id=room_id))

    async def card_contact(self, message_id: str) -> str:
        """Whose contact card a message carries."""
        return (await self.look_up("MessageContact", m.OneId(message_id), m.OneId)).id

    async def link(self, message_id: str) -> m.LinkReply:
        return await self.look_up("MessageUrl", m.OneId(message_id), m.LinkReply)

    async def mini_program(self, message_id: str) -> m.MiniProgramReply:
        return await self.look_up("MessageMiniProgram", m.OneId(message_id), m.MiniProgramReply)

    async def location(self, message_id: str) -> m.Location:
        return (await self.look_up("MessageLocation", m.OneId(message_id), m.LocationReply)).location

    async def picture_box(self, message_id: str, size: int) -> str:
        """The JSON that describes the picture in a message."""
        return (await self.look_up("MessageImage", m.PictureRequest(message_id, size), m.Box)).file_box

    # -- actions

    async def send_text(self, conversation_id: str, text: str, mention_ids: list[str]) -> str:
        """The id of the new message, empty where the puppet tells none."""
        reply = await self.call("MessageSendText", m.SendTextRequest(conversation_id, text, mention_ids), m.SentId)
        return reply.id or reply.old or ""

    async def recall(self, message_id: str) -> bool:
        return bool((await apart(self._stub().message_recall(id=message_id))).success)

    async def remove(self, room_id: str, contact_id: str) -> None:
        await apart(self._stub().room_del(id=room_id, contact_id=contact_id))

    async def add(self, room_id: str, contact_id: str) -> None:
        """Bring somebody in; the platform may make it an invitation (more than 40 members)."""
        await apart(self._stub().room_add(id=room_id, contact_id=contact_id))

    async def accept_friend(self, friendship_id: str) -> None:
        await apart(self._stub().friendship_accept(id=friendship_id))

    async def set_topic(self, room_id: str, topic: str) -> None:
        await self.call("RoomTopic", m.IdAndText(room_id, topic, topic), m.OneText)

    async def set_announcement(self, room_id: str, text: str) -> None:
        await self.call("RoomAnnounce", m.IdAndText(room_id, text, text), m.OneText)

    async def get_announcement(self, room_id: str) -> str:
        reply = await self.look_up("RoomAnnounce", m.IdAndText(room_id, None, ""), m.OneText)
        return reply.text or reply.old or ""
