"""Transport: what a message is made of besides its text: title, address, picture, name on a card."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.model import Kind, Media
from bot.transports.wechaty import tidy
from bot.transports.wechaty.calls import GatewayPuppet
from bot.transports.wechaty.files import Files
from bot.transports.wechaty.media import MediaFolder
from bot.transports.wechaty.messages import MessagePayload
from bot.transports.wechaty.people import People
from bot.transports.wechaty.presence import Presence
from bot.transports.wechaty.trouble import PAYLOAD_ERRORS

log = logging.getLogger(__name__)
_TITLE = 500
_URL = 4000
_WORDLESS = {Kind.IMAGE, Kind.STICKER, Kind.VOICE, Kind.VIDEO, Kind.CARD, Kind.LOCATION, Kind.TRANSFER}


@dataclass(frozen=True, slots=True)
class Content:
    text: str = ""
    title: str = ""
    url: str = ""
    media: Media | None = None


class Contents:
    """Reads a message by its kind. A part that cannot be fetched is left out; the message never is."""

    def __init__(
        self, puppet: GatewayPuppet, people: People, presence: Presence, files: Files, folder: MediaFolder
    ) -> None:
        self._puppet, self._people, self._presence = puppet, people, presence
        self._files, self._folder = files, folder
        self._readers: dict[Kind, Callable[[str], Awaitable[Content]]] = {
            Kind.LINK: self._link,
            Kind.MINIPROGRAM: self._mini_program,
            Kind.CARD: self._card,
            Kind.LOCATION: self._location,
            Kind.IMAGE: self._picture,
        }

    async def read(self, payload: MessagePayload, kind: Kind, text: str) -> Content:
        if kind is Kind.TEXT:
            return Content(text=text)
        plain = _from_text(payload, kind, text)
        reader = self._readers.get(kind)
        if reader is None:
            return plain
        try:
            found = await self._presence.through_breaks(lambda: reader(tidy.ident(payload.id)))
        except PAYLOAD_ERRORS as error:
            log.info("%s %s cannot be read: %s", kind, payload.id, type(error).__name__)
            return plain
        return Content(
            found.text or plain.text, found.title or plain.title, found.url or plain.url, found.media or plain.media
        )

    async def _link(self, message_id: str) -> Content:
        reply = await self._puppet.link(message_id)
        link, old = reply.link, _json(reply.old)
        return Content(
            tidy.clean(link.description or old.get("description")),
            tidy.clean(link.title or old.get("title"), _TITLE),
            tidy.clean(link.url or old.get("url"), _URL),
        )

    async def _mini_program(self, message_id: str) -> Content:
        reply = await self._puppet.mini_program(message_id)
        program, old = reply.program, _json(reply.old)
        return Content(
            tidy.clean(program.description or old.get("description")),
            tidy.clean(program.title or old.get("title"), _TITLE),
        )

    async def _card(self, message_id: str) -> Content:
        return Content(title=await self._people.contact_name(tidy.ident(await self._puppet.card_contact(message_id))))

    async def _location(self, message_id: str) -> Content:
        place = await self._puppet.location(message_id)
        return Content(text=tidy.clean(place.address, _TITLE), title=tidy.clean(place.name, _TITLE))

    async def _picture(self, message_id: str) -> Content:
        name, content = await self._files.picture(message_id)
        path = await self._folder.keep(content) if content else ""
        return Content(media=Media(tidy.name(name), str(path), len(content)))


def _from_text(payload: MessagePayload, kind: Kind, text: str) -> Content:
    """What the payload itself says; puppets put WeChat's XML into its text."""
    name = tidy.name(payload.filename)
    title, words = "", ""
    if tidy.is_xml(text):
        title, words = tidy.xml_field(text, "title")[:_TITLE], tidy.xml_field(text, "des")
    elif kind not in _WORDLESS:
        words = text
    title = name or title if kind is Kind.FILE else title
    carries_file = kind in (Kind.FILE, Kind.IMAGE, Kind.VIDEO, Kind.VOICE)
    return Content(words if kind not in _WORDLESS else "", title, "", Media(name or title) if carries_file else None)


def _json(text: str) -> dict[str, object]:
    return tidy.payload_of(text) or {}
