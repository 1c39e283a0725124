"""Transport: files on their way: the boxes a gateway describes them with, up and down, in pieces."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from typing import Any

from grpclib.const import Cardinality, Status
from grpclib.exceptions import GRPCError

from bot.download import download_url
from bot.transports.wechaty import messages as m
from bot.transports.wechaty.apart import apart
from bot.transports.wechaty.calls import GatewayPuppet

BASE64, URL, UUID = 1, 2, 7
HD = 2
INLINE_LIMIT = 1 << 20
OLD_LIMIT = 3 << 20
CHUNK = 256 << 10
DOWNLOADS_AT_ONCE = 4
_CANNOT_DESCRIBE = "limited FileBoxType"


class TooLarge(ValueError):
    """The file is larger than allowed."""


class Files:
    """Pictures in, files out. Raises TooLarge above `limit` bytes and what `trouble.PAYLOAD_ERRORS` lists."""

    def __init__(self, puppet: GatewayPuppet, limit: int) -> None:
        self._puppet, self._limit = puppet, limit
        self._timeout = puppet.settings.file_timeout.total_seconds()
        self._places = asyncio.Semaphore(DOWNLOADS_AT_ONCE)

    async def picture(self, message_id: str) -> tuple[str, bytes]:
        """Name and content of the picture in a message, the large version when there is one; in `call_timeout`.

        What follows in the same group waits for it, so this deadline is not the long one of files.
        """
        async with self._places, asyncio.timeout(self._puppet.settings.call_timeout.total_seconds()):
            return await apart(self._picture(message_id))

    async def _picture(self, message_id: str) -> tuple[str, bytes]:
        try:
            return await self._open(await self._puppet.picture_box(message_id, HD))
        except GRPCError as error:
            # only then: asked for a picture it does not have, the old way never answers
            if _CANNOT_DESCRIBE not in (error.message or ""):
                raise
            return await self._streamed(message_id)

    async def _open(self, text: str) -> tuple[str, bytes]:
        box: Any = json.loads(text)
        kind, name = box.get("type", box.get("boxType")), str(box.get("name") or "")
        if kind == BASE64:
            return name, self._bounded(_decode(str(box["base64"])))
        if kind == UUID:
            return name, await self._download(str(box["uuid"]))
        if kind == URL:
            url = str(box.get("url") or box.get("remoteUrl") or "")
            return name, await download_url(url, self._limit, self._puppet.settings.fetch_hosts)
        raise ValueError(f"unknown kind of file: {str(kind)[:20]}")

    def _bounded(self, content: bytes) -> bytes:
        self._check(len(content))
        return content

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise TooLarge(f"{size} bytes")

    async def _download(self, uuid: str) -> bytes:
        content = bytearray()
        async for piece in self._puppet.stream("Download", m.OneId(uuid), m.Chunk, self._timeout):
            content += piece.chunk
            self._check(len(content))
        return bytes(content)

    async def _streamed(self, message_id: str) -> tuple[str, bytes]:
        """The way of 2021, still served; today's gateways fail to describe pictures below 20 kB otherwise."""
        name, content = "", bytearray()
        async for piece in self._puppet.stream("MessageFileStream", m.OneId(message_id), m.FilePiece, self._timeout):
            name = name or piece.piece.name
            content += piece.piece.data
            self._check(len(content))
        return name, bytes(content)

    async def send(self, conversation_id: str, name: str, content: bytes) -> str:
        """Send a file; the id of the new message, empty where the puppet tells none."""
        box: dict[str, object] = {"name": name, "metadata": {}, "size": len(self._bounded(content))}
        uuid = "" if len(content) <= INLINE_LIMIT else await apart(self._upload(content))
        if uuid:
            box |= {"boxType": UUID, "type": UUID, "uuid": uuid}
        else:
            box |= {"boxType": BASE64, "type": BASE64, "base64": base64.b64encode(content).decode()}
        request = m.SendFileRequest(conversation_id, json.dumps(box))
        reply = await self._puppet.call("MessageSendFile", request, m.SentId, self._timeout)
        return reply.id or reply.old or ""

    async def _upload(self, content: bytes) -> str:
        """The id of the uploaded file; empty when the gateway is too old for uploads and the file small enough."""
        try:
            upload = self._puppet.request("Upload", Cardinality.STREAM_UNARY, m.Chunk, m.OneId, self._timeout)
            async with upload as stream:
                await stream.send_request()
                for start in range(0, len(content), CHUNK):
                    await stream.send_message(m.Chunk(content[start : start + CHUNK]))
                await stream.end()
                reply = await stream.recv_message()
        except GRPCError as error:
            if error.status is not Status.UNIMPLEMENTED:
                raise
            if len(content) > OLD_LIMIT:
                raise TooLarge("the gateway is too old for files above 3 MB") from error
            return ""
        return reply.id if reply is not None else ""


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=False)
    except binascii.Error as error:
        raise ValueError("broken base64") from error
