"""Transport: from the gateway's payloads to events; tolerant of whatever is missing, odd or broken."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.events import (
    Event,
    FriendRequested,
    MemberJoined,
    MemberLeft,
    MessageRecalled,
    MessageReceived,
    OwnMessageSeen,
    RedPacketSent,
    TopicChanged,
)
from bot.model import Kind, Member
from bot.transports.wechaty import tidy
from bot.transports.wechaty.contents import Contents
from bot.transports.wechaty.lanes import Finish
from bot.transports.wechaty.memory import Recent
from bot.transports.wechaty.messages import MessagePayload
from bot.transports.wechaty.people import People

log = logging.getLogger(__name__)

# The order of wechaty-puppet, which is what gateways send; not that of wechaty-grpc's own enum.
KINDS = (
    Kind.OTHER,
    Kind.FILE,
    Kind.VOICE,
    Kind.CARD,
    Kind.RECORD,
    Kind.STICKER,
    Kind.IMAGE,
    Kind.TEXT,
    Kind.LOCATION,
    Kind.MINIPROGRAM,
    Kind.NOTE,
    Kind.TRANSFER,
    Kind.OTHER,
    Kind.OTHER,
    Kind.LINK,
    Kind.VIDEO,
    Kind.OTHER,
)
RED_PACKET, RECALLED = 12, 13
_EVERYBODY = ("all", "announcement@all", "notify@all")


def event_id(message_id: str) -> str:
    """A message's id in the bot's words is that of its event, everywhere."""
    return f"msg:{message_id}"


class Converter:
    """Knows the bot's account and asks `people` and `contents` for the rest."""

    def __init__(
        self, people: People, contents: Contents, clock: Callable[[], datetime], account: Callable[[], Member]
    ) -> None:
        self._people, self._contents, self._clock, self._account = people, contents, clock, account
        self._recent = Recent()

    def message(self, payload: MessagePayload) -> tuple[str, Finish] | None:
        """The lane of a message and how to finish it; None for what nobody said (some system lines)."""
        sender, group = tidy.ident(payload.talker_id), tidy.ident(payload.room_id)
        if not sender or sender == group:
            log.debug("message %s has no sender", payload.id)
            return None
        if _kind(tidy.number(payload.type)) is Kind.TEXT:
            text = tidy.plain_mentions(tidy.clean(payload.text))
            self._recent.remember(group, text, event_id(tidy.ident(payload.id)), sender)
        return group, lambda: self._message(payload, group, sender)

    async def _message(self, payload: MessagePayload, group: str, sender: str) -> Sequence[Event]:
        message_id = event_id(tidy.ident(payload.id))
        at = self._sent_at(payload)
        kind = tidy.number(payload.type)
        text = tidy.plain_mentions(tidy.clean(payload.text))
        if kind == RECALLED:
            who = await self._people.member(group, sender)
            recalled = event_id(tidy.ident(tidy.xml_field(text, "newmsgid") or text))
            return [MessageRecalled(id=message_id, at=at, group=group, message_id=recalled, sender=who)]
        if sender == self._account().id:
            to = "" if group else tidy.ident(payload.listener_id)
            said = text if _kind(kind) is Kind.TEXT else ""
            return [OwnMessageSeen(id=message_id, at=at, group=group, text=said, to=to, message_id=message_id)]
        if not group and await self._people.is_official(sender):
            return []
        who = await self._people.member(group, sender)
        if kind == RED_PACKET:
            return [RedPacketSent(id=message_id, at=at, group=group, sender=who)]
        return [await self._received(payload, MessageReceived(id=message_id, at=at, group=group, sender=who), text)]

    async def _received(self, payload: MessagePayload, event: MessageReceived, text: str) -> MessageReceived:
        mentions = [each for each in tidy.idents(payload.mention_ids) if each not in _EVERYBODY]
        me = self._account()
        called = me.id in mentions
        content = await self._contents.read(payload, _kind(tidy.number(payload.type)), text)
        said, quote = self._recent.unquote(
            event.group, content.text, lambda member: self._people.known_name(event.group, member)
        )
        if not mentions and event.group:
            called = tidy.calls_by_name(said, [me.name, self._people.known_name(event.group, me.id) or ""])
        return MessageReceived(
            id=event.id,
            at=event.at,
            group=event.group,
            sender=event.sender,
            text=said,
            kind=_kind(tidy.number(payload.type)),
            mentions=tuple(each for each in mentions if each != me.id),
            mentions_bot=called,
            quote=quote,
            title=content.title,
            url=content.url,
            media=content.media,
        )

    def _sent_at(self, payload: MessagePayload) -> datetime:
        stamp = tidy.number(payload.stamp) or tidy.number(getattr(payload.receive_time, "seconds", 0))
        return tidy.moment(stamp, self._clock())

    # -- facts about a group

    async def joined(self, payload: dict[str, object]) -> Sequence[Event]:
        group, at = self._where_and_when(payload)
        newcomers = tidy.idents(tidy.field(payload, "inviteeIdList", "inviteeIds"))
        inviter_id = tidy.ident(tidy.field(payload, "inviterId"))
        self._people.changed(group, *newcomers)
        inviter = await self._people.member(group, inviter_id) if inviter_id else None
        members = await asyncio.gather(*(self._people.member(group, each) for each in newcomers))
        return [
            MemberJoined(
                id=f"join:{group}:{each.id}:{_stamp(at)}",
                at=at,
                group=group,
                member=each,
                inviter=None if inviter_id == each.id else inviter,
            )
            for each in members
        ]

    async def left(self, payload: dict[str, object]) -> Sequence[Event]:
        group, at = self._where_and_when(payload)
        gone = tidy.idents(tidy.field(payload, "removeeIdList", "removeeIds"))
        remover_id = tidy.ident(tidy.field(payload, "removerId"))
        # who has left cannot be asked for any more: the last known name and role have to do
        members = [
            Member(each, self._people.known_name(group, each) or each, self._people.role(group, each)) for each in gone
        ]
        self._people.changed(group, *gone)
        remover = await self._people.member(group, remover_id) if remover_id else None
        return [
            MemberLeft(
                id=f"leave:{group}:{each.id}:{_stamp(at)}",
                at=at,
                group=group,
                member=each,
                by=None if remover_id == each.id else remover,
            )
            for each in members
        ]

    async def renamed(self, payload: dict[str, object]) -> Sequence[Event]:
        group, at = self._where_and_when(payload)
        self._people.changed(group)
        changer = tidy.ident(tidy.field(payload, "changerId"))
        by = await self._people.member(group, changer) if changer else None
        topic = tidy.name(tidy.field(payload, "newTopic"))
        return [TopicChanged(id=f"topic:{group}:{_stamp(at)}", at=at, group=group, topic=topic, by=by)]

    async def asked_to_be_friend(self, request: str, contact: str, hello: str) -> Sequence[Event]:
        who = await self._people.member("", contact)
        words = tidy.clean(hello, 500)
        return [FriendRequested(id=f"friend:{request}", at=self._clock(), contact=who, hello=words, request=request)]

    def _where_and_when(self, payload: dict[str, object]) -> tuple[str, datetime]:
        now = self._clock()
        return tidy.ident(tidy.field(payload, "roomId")), tidy.moment(tidy.field(payload, "timestamp"), now)


def _kind(number: int) -> Kind:
    return KINDS[number] if 0 <= number < len(KINDS) else Kind.OTHER


def _stamp(at: datetime) -> int:
    return int(at.timestamp() * 1000)
