"""Transport: carries out one action at the gateway and says honestly how it went."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.actions import (
    AcceptFriend,
    Action,
    Announce,
    InviteMember,
    RecallMessage,
    RemoveMember,
    SendImage,
    SendText,
    SetTopic,
)
from bot.errors import Refused
from bot.transport import Receipt
from bot.transports.wechaty import tidy
from bot.transports.wechaty.calls import GatewayPuppet
from bot.transports.wechaty.convert import event_id
from bot.transports.wechaty.files import Files, TooLarge
from bot.transports.wechaty.people import People
from bot.transports.wechaty.trouble import PAYLOAD_ERRORS, translate


class Performer:
    """Raises Unavailable, Throttled, Refused or Uncertain."""

    def __init__(self, puppet: GatewayPuppet, people: People, files: Files) -> None:
        self._puppet, self._people, self._files = puppet, people, files

    async def perform(self, action: Action) -> Receipt:
        try:
            return await self._perform(action)
        except PAYLOAD_ERRORS as error:
            raise translate(error, self._puppet.settings.token.get_secret_value()) from error

    async def _perform(self, action: Action) -> Receipt:
        match action:
            case SendText():
                return _receipt(await self._say(action))
            case SendImage():
                return _receipt(await self._show(action))
            case RecallMessage():
                if not await self._puppet.recall(action.message_id.removeprefix(event_id(""))):
                    raise Refused("微信不让撤回这条消息 (the message cannot be recalled)")
            case RemoveMember():
                await self._puppet.remove(_group(action), action.member.id)
                self._people.changed(action.group)
            case InviteMember():
                await self._puppet.add(_group(action), action.member.id)
                self._people.changed(action.group)
            case AcceptFriend():
                await self._puppet.accept_friend(action.request)
            case Announce():
                await self._puppet.set_announcement(_group(action), _words(action.text))
            case SetTopic():
                await self._puppet.set_topic(_group(action), _words(action.topic))
                self._people.changed(action.group)
            case _:
                raise Refused(f"微信通道做不了 {type(action).__name__} (not supported by this transport)")
        return Receipt()

    async def _say(self, action: SendText) -> str:
        if action.to:
            return await self._puppet.send_text(action.to, _words(action.text), [])
        text = tidy.wechat_mentions(_words(action.text), [each.name for each in action.mentions])
        return await self._puppet.send_text(_group(action), text, [each.id for each in action.mentions])

    async def _show(self, action: SendImage) -> str:
        path = Path(action.path)
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            raise Refused(f"图片文件读不出来 (cannot read the picture): {path.name}") from error
        try:
            return await self._files.send(action.to or _group(action), path.name, content)
        except TooLarge as error:
            raise Refused(f"图片太大 (the picture is too large): {error}") from error


def _receipt(message_id: str) -> Receipt:
    return Receipt(event_id(message_id) if message_id else "")


def _group(action: Action) -> str:
    if not action.group:
        raise Refused("没有说是哪个群 (no group given)")
    return action.group


def _words(text: str) -> str:
    text = text.replace("\0", "")
    if not text.strip():
        raise Refused("内容是空的 (nothing to say)")
    return text
