"""Transport: who is who: members, roles and groups as the gateway last told, asked for as little as possible."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from grpclib.exceptions import GRPCError

from bot.model import Member, Role
from bot.transports.wechaty import tidy
from bot.transports.wechaty.cache import Cache
from bot.transports.wechaty.calls import GatewayPuppet
from bot.transports.wechaty.presence import Presence
from bot.transports.wechaty.trouble import PAYLOAD_ERRORS

log = logging.getLogger(__name__)
ROOMS = 1_000
RETRY_FAILED_AFTER = 60.0
CONTACT, ROOM, ROOM_MEMBER = 2, 3, 4
OFFICIAL = 2


@dataclass(frozen=True, slots=True)
class Room:
    """A group as the gateway describes it; owner and admins are empty where a puppet does not tell."""

    topic: str = ""
    owner: str = ""
    admins: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    official: bool = False


class People:
    """Names and roles. A look-up that fails costs the name, never the event: the id stands in, for a minute."""

    def __init__(self, puppet: GatewayPuppet, presence: Presence) -> None:
        settings = puppet.settings
        ttl = settings.cache_ttl.total_seconds()
        self._puppet, self._presence = puppet, presence
        self._rooms: Cache[str, Room] = Cache(ROOMS, ttl)
        self._names: Cache[tuple[str, str], str] = Cache(settings.cache_size, ttl)
        self._contacts: Cache[str, Contact] = Cache(settings.cache_size, ttl)

    async def member(self, group: str, member: str) -> Member:
        """Somebody as the group sees them. Never raises for the gateway's sake."""
        await self.room(group)
        return Member(member, await self.name(group, member), self.role(group, member))

    async def name(self, group: str, member: str) -> str:
        key = group, member
        try:
            return await self._presence.through_breaks(
                lambda: self._names.get(key, lambda: self._ask_name(group, member), tag=group)
            )
        except PAYLOAD_ERRORS as error:
            log.debug("no payload for member %s of %s: %s", member, group, type(error).__name__)
            fallback = self._names.peek(key) or member
            if isinstance(error, GRPCError):
                self._names.put(key, fallback, ttl=RETRY_FAILED_AFTER, tag=group)
            return fallback

    async def _ask_name(self, group: str, member: str) -> str:
        if group:
            payload = await self._puppet.room_member(group, member)
            found = tidy.name(payload.room_alias) or tidy.name(payload.name)
            if found:
                return found
        return (await self._contacts.get(member, lambda: self._ask_contact(member))).name

    async def _ask_contact(self, contact: str) -> Contact:
        payload = await self._puppet.contact(contact)
        return Contact(tidy.name(payload.name) or contact, payload.type == OFFICIAL)

    async def is_official(self, contact: str) -> bool:
        """Whether it is a public account, which talks by itself."""
        try:
            return (await self._contacts.get(contact, lambda: self._ask_contact(contact))).official
        except PAYLOAD_ERRORS:
            return False

    async def contact_name(self, contact: str) -> str:
        """The account's own name; empty when it cannot be told."""
        try:
            return (await self._contacts.get(contact, lambda: self._ask_contact(contact))).name
        except PAYLOAD_ERRORS:
            return ""

    async def room(self, group: str) -> Room:
        """The group's payload, the last known one when it cannot be asked now."""
        if not group:
            return Room()
        try:
            return await self._rooms.get(group, lambda: self._ask_room(group))
        except PAYLOAD_ERRORS as error:
            log.debug("no payload for room %s: %s", group, type(error).__name__)
            fallback = self._rooms.peek(group) or Room()
            if isinstance(error, GRPCError):
                self._rooms.put(group, fallback, ttl=RETRY_FAILED_AFTER)
            return fallback

    async def _ask_room(self, group: str) -> Room:
        payload = await self._puppet.room(group)
        return Room(
            tidy.name(payload.topic),
            tidy.ident(payload.owner_id),
            frozenset(tidy.idents(list(payload.admin_ids))),
        )

    def role(self, group: str, member: str) -> Role:
        """By the room payload as last seen."""
        room = self._rooms.peek(group)
        if room is None or not member:
            return Role.MEMBER
        if member == room.owner:
            return Role.OWNER
        return Role.ADMIN if member in room.admins else Role.MEMBER

    def knows(self, group: str) -> bool:
        """Whether the group's payload, and so everybody's role there, has ever been seen."""
        return self._rooms.peek(group) is not None

    def known_name(self, group: str, member: str) -> str | None:
        """The name as last seen, however long ago; None when it was never asked."""
        return self._names.peek((group, member))

    def invalidate(self, kind: int, payload_id: str) -> None:
        """The gateway says that what it told about this contact, room or its members has changed."""
        if kind == CONTACT:
            self._contacts.invalidate(payload_id)
            for group in ["", *self._rooms.keys()]:
                self._names.invalidate((group, payload_id))
        elif kind == ROOM:
            self._rooms.invalidate(payload_id)
        elif kind == ROOM_MEMBER:
            self._names.invalidate_tag(payload_id)

    def changed(self, group: str, *members: str) -> None:
        """Somebody joined, left or was renamed: ask again about the group and about them."""
        self._rooms.invalidate(group)
        for member in members:
            self._names.invalidate((group, member))

    def clear(self) -> None:
        for cache in (self._rooms, self._names, self._contacts):
            cache.clear()
