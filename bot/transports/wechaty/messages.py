"""Transport: protobuf messages that the SDK's stubs of early 2021 lack or have with other field numbers.

Fields named `old` are those of the gateways of 2021 (image `wechaty/wechaty:0.65`); the others are today's.
Where a request has both, both are sent and each generation reads its own.
"""

# betterproto makes its fields by calls that only look like mutable defaults, and reads `Optional`, not `| None`
# ruff: noqa: RUF009, UP045
from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, cast

import betterproto
from betterproto import TYPE_STRING, Message


def _text(number: int) -> str:
    return cast(str, betterproto.string_field(number))


def _texts(number: int) -> list[str]:
    return cast(list[str], betterproto.string_field(number))


def _old(number: int) -> Optional[str]:
    return cast("str | None", betterproto.message_field(number, wraps=TYPE_STRING))


@dataclass
class Nothing(Message):
    """An empty message."""


@dataclass
class OneId(Message):
    """MessageUrlRequest, DownloadRequest, UploadResponse and others that carry an id alone."""

    id: str = _text(1)


@dataclass
class Stamp(Message):
    """google.protobuf.Timestamp."""

    seconds: int = cast(int, betterproto.int64_field(1))
    nanos: int = cast(int, betterproto.int32_field(2))


@dataclass
class MessagePayload(Message):
    """MessagePayloadResponse; `stamp` is seconds with some puppets, milliseconds with others."""

    id: str = _text(1)
    filename: str = _text(2)
    text: str = _text(3)
    stamp: int = cast(int, betterproto.uint64_field(4))
    type: int = cast(int, betterproto.int32_field(5))
    talker_id: str = _text(6)
    room_id: str = _text(7)
    listener_id: str = _text(8)
    mention_ids: list[str] = _texts(9)
    receive_time: Stamp = cast(Stamp, betterproto.message_field(10))


@dataclass
class IdAndText(Message):
    """RoomTopicRequest, RoomAnnounceRequest, ContactAliasRequest."""

    id: str = _text(1)
    old: Optional[str] = _old(2)
    text: str = _text(3)


@dataclass
class OneText(Message):
    """Their responses."""

    old: Optional[str] = _old(1)
    text: str = _text(2)


@dataclass
class SentId(Message):
    """The response to every send."""

    old: Optional[str] = _old(1)
    id: str = _text(2)


@dataclass
class SendFileRequest(Message):
    conversation_id: str = _text(1)
    file_box: str = _text(2)


@dataclass
class SendTextRequest(Message):
    conversation_id: str = _text(1)
    text: str = _text(2)
    mention_ids: list[str] = _texts(3)


@dataclass
class Link(Message):
    description: str = _text(1)
    thumbnail_url: str = _text(2)
    title: str = _text(3)
    url: str = _text(4)


@dataclass
class LinkReply(Message):
    """MessageUrlResponse; `old` is JSON."""

    old: str = _text(1)
    link: Link = cast(Link, betterproto.message_field(2))


@dataclass
class MiniProgram(Message):
    description: str = _text(2)
    title: str = _text(7)


@dataclass
class MiniProgramReply(Message):
    """MessageMiniProgramResponse; `old` is JSON."""

    old: str = _text(1)
    program: MiniProgram = cast(MiniProgram, betterproto.message_field(2))


@dataclass
class Location(Message):
    address: str = _text(2)
    name: str = _text(5)


@dataclass
class LocationReply(Message):
    location: Location = cast(Location, betterproto.message_field(1))


@dataclass
class Chunk(Message):
    """UploadRequest and DownloadResponse."""

    chunk: bytes = cast(bytes, betterproto.bytes_field(1))


@dataclass
class NamedPiece(Message):
    """FileBoxChunk: the first one carries the name, the others content."""

    data: bytes = cast(bytes, betterproto.bytes_field(1))
    name: str = _text(2)


@dataclass
class FilePiece(Message):
    """MessageFileStreamResponse."""

    piece: NamedPiece = cast(NamedPiece, betterproto.message_field(1))


@dataclass
class Box(Message):
    """MessageImageResponse, MessageFileResponse: a file described in JSON."""

    file_box: str = _text(1)


@dataclass
class PictureRequest(Message):
    id: str = _text(1)
    type: int = cast(int, betterproto.int32_field(2))
