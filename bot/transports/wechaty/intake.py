"""Transport: takes what arrives from the stream, one after another, and puts it on its way."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from grpclib.exceptions import GRPCError

from bot.events import Event
from bot.transports.wechaty import tidy
from bot.transports.wechaty.arrival import CONNECTED, LOST, Arrival
from bot.transports.wechaty.calls import GatewayPuppet
from bot.transports.wechaty.convert import Converter
from bot.transports.wechaty.lanes import Finish, Lanes
from bot.transports.wechaty.messages import MessagePayload
from bot.transports.wechaty.people import People
from bot.transports.wechaty.presence import Presence
from bot.transports.wechaty.roster import Roster
from bot.transports.wechaty.trouble import PAYLOAD_ERRORS

log = logging.getLogger(__name__)
SEEN = 20_000
ATTEMPTS = 2
ASKS_TO_BE_FRIEND = 2
"""A friendship's type in the protocol: 1 confirmed, 2 received, 3 to be verified by us."""


class Intake:
    """`take` is quick: everything that asks the gateway happens in the lanes."""

    def __init__(
        self, puppet: GatewayPuppet, people: People, converter: Converter, presence: Presence, roster: Roster
    ) -> None:
        self._puppet, self._people, self._converter = puppet, people, converter
        self._presence, self._roster = presence, roster
        self._seen: OrderedDict[str, None] = OrderedDict()

    async def take(self, arrival: Arrival, lanes: Lanes) -> None:
        payload = arrival.payload
        if arrival.name not in (CONNECTED, LOST):
            self._presence.heard()
        match arrival.name:
            case "message":
                await self._message(tidy.ident(payload.get("messageId")), lanes)
            case "room-join":
                await self._fact(payload, self._converter.joined, lanes)
                self._watch(payload, tidy.field(payload, "inviteeIdList", "inviteeIds"))
            case "room-leave":
                await self._fact(payload, self._converter.left, lanes)
            case "room-topic":
                await self._fact(payload, self._converter.renamed, lanes)
            case "dirty":
                self._dirty(payload)
            case "ready":
                self._roster.want()
            case "friendship":
                await self._friendship(tidy.ident(payload.get("friendshipId")), lanes)
            case "room-invite" | "dong" | "post" | "heartbeat" | "reset":
                log.debug("%s: %s", arrival.name, payload)
            case "error":
                log.warning("the gateway reports an error: %.300s", payload)
            case _:
                await self._presence_changed(arrival, lanes)

    async def _presence_changed(self, arrival: Arrival, lanes: Lanes) -> None:
        payload = arrival.payload
        match arrival.name:
            case "connected":
                self._presence.joined()
                return
            case "login":
                await self._login(tidy.ident(payload.get("contactId")), lanes)
                return
            case "logout":
                self._presence.away(f"微信账号已退出登录：{tidy.name(payload.get('data'))}".rstrip("："))
            case "scan":
                code = tidy.clean(payload.get("qrcode"), 500)
                if code != self._presence.health().code:
                    log.warning("等待扫码登录 (waiting for a scan)")
                self._presence.away("等待扫码登录（二维码在控制台和日志里）", code)
            case "lost":
                self._presence.lost(tidy.clean(payload.get("reason")))
        await self._tell(lanes)

    async def _login(self, account: str, lanes: Lanes) -> None:
        if self._presence.account.id not in ("", account):
            self._people.clear()
            self._roster.forget()
        if not self._presence.announce(account):
            return
        told: list[Event] = []

        async def look() -> tuple[str | None, Finish]:
            name = await self._people.contact_name(account)
            await self._roster.get_rooms()
            if self._presence.login(account, name):
                told.extend(filter(None, [self._presence.change()]))
                self._roster.want()
            return None, finish

        async def finish() -> Sequence[Event]:
            return told

        await lanes.submit(look, at_once=True)

    async def _tell(self, lanes: Lanes) -> None:
        event = self._presence.change()
        if event is None:
            return
        told: Event = event

        async def finish() -> Sequence[Event]:
            return [told]

        async def look() -> tuple[str | None, Finish]:
            return None, finish

        await lanes.submit(look, at_once=True)

    async def _message(self, message_id: str, lanes: Lanes) -> None:
        if not message_id or message_id in self._seen:
            return  # some gateways deliver a message two or three times
        self._seen[message_id] = None
        if len(self._seen) > SEEN:
            self._seen.popitem(last=False)

        async def look() -> tuple[str | None, Finish] | None:
            payload = await self._payload(message_id)
            if payload is None:
                self._seen.pop(message_id, None)
                return None
            found = self._converter.message(payload)
            return None if found is None else (found[0], found[1])

        await lanes.submit(look)

    async def _friendship(self, friendship_id: str, lanes: Lanes) -> None:
        """Somebody asks to be a friend; that they have become one is told in the same way and is no request."""

        async def look() -> tuple[str | None, Finish] | None:
            try:
                payload = await self._puppet.friendship(friendship_id)
            except PAYLOAD_ERRORS as error:
                log.warning("no payload for friendship %s: %s", friendship_id, type(error).__name__)
                return None
            contact = tidy.ident(payload.contact_id)
            if payload.type != ASKS_TO_BE_FRIEND or not contact:
                return None
            return "", lambda: self._converter.asked_to_be_friend(friendship_id, contact, payload.hello)

        if friendship_id:
            await lanes.submit(look)

    async def _payload(self, message_id: str) -> MessagePayload | None:
        for _ in range(ATTEMPTS):
            try:
                payload = await self._presence.through_breaks(lambda: self._puppet.message(message_id))
                payload.id = payload.id or message_id
                return payload
            except PAYLOAD_ERRORS as error:
                log.warning("no payload for message %s: %s", message_id, type(error).__name__)
                if not isinstance(error, GRPCError | TimeoutError):
                    break
        return None

    async def _fact(
        self,
        payload: dict[str, object],
        convert: Callable[[dict[str, object]], Awaitable[Sequence[Event]]],
        lanes: Lanes,
    ) -> None:
        group = tidy.ident(payload.get("roomId"))
        if not group:
            log.warning("an event without a room: %.300s", payload)
            return

        async def look() -> tuple[str | None, Finish]:
            return group, lambda: convert(payload)

        await lanes.submit(look)

    def _watch(self, payload: dict[str, object], newcomers: object) -> None:
        """A join that names nobody, or the bot itself, is understood by looking at the list."""
        found = tidy.idents(newcomers)
        if not found or self._presence.account.id in found:
            self._roster.want(tidy.ident(payload.get("roomId")))

    def _dirty(self, payload: dict[str, object]) -> None:
        kind, payload_id = payload.get("payloadType"), tidy.ident(payload.get("payloadId"))
        if isinstance(kind, int) and payload_id:
            self._people.invalidate(kind, payload_id)
