"""Transport: WeChat through a Wechaty gateway: where stream, lanes, people and calls come together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from bot.actions import Action
from bot.errors import ConfigError, Unavailable
from bot.model import Capability, Member, Role
from bot.transport import Deliver, Health, Receipt
from bot.transports.wechaty import tidy
from bot.transports.wechaty.calls import GatewayPuppet
from bot.transports.wechaty.channel import tls_context
from bot.transports.wechaty.contents import Contents
from bot.transports.wechaty.convert import Converter
from bot.transports.wechaty.files import Files
from bot.transports.wechaty.holding import Holding
from bot.transports.wechaty.intake import Intake
from bot.transports.wechaty.lanes import Lanes
from bot.transports.wechaty.media import MediaFolder
from bot.transports.wechaty.people import People
from bot.transports.wechaty.perform import Performer
from bot.transports.wechaty.presence import Presence
from bot.transports.wechaty.roster import Roster
from bot.transports.wechaty.settings import WechatySettings
from bot.transports.wechaty.stream import EventStream
from bot.transports.wechaty.trouble import PAYLOAD_ERRORS

log = logging.getLogger(__name__)
HOLDING = "gateway-held"

_ALWAYS = frozenset({Capability.PRIVATE, Capability.IMAGE, Capability.RECALL, Capability.SEE_RED_PACKET})
_IN_GROUPS = frozenset(
    {
        Capability.MENTION,
        Capability.INVITE,
        Capability.ROSTER,
        Capability.SEE_INVITER,
        Capability.READ_ANNOUNCEMENT,
    }
)
_AS_ADMIN = frozenset({Capability.REMOVE, Capability.ANNOUNCE, Capability.TOPIC})


class WechatyTransport:
    """The far side is a Wechaty gateway and the WeChat account behind it.

    clock: aware UTC now, for facts that carry no time of their own.
    media_dir: where incoming pictures are kept, and a note that this bot held the gateway's stream.
    heir: whether that stream is ours whatever the note says, because the one that held it serves no more.
    Raises ConfigError when endpoint, token or certificate cannot be used.
    """

    name = "wechaty"

    def __init__(
        self, settings: WechatySettings, clock: Callable[[], datetime], media_dir: Path, *, heir: bool = False
    ) -> None:
        _check(settings)
        self._settings = settings
        self._puppet = GatewayPuppet(settings, tls_context(settings))
        self._presence = Presence(clock)
        self._people = People(self._puppet, self._presence)
        files = Files(self._puppet, settings.picture_limit)
        folder = MediaFolder(media_dir, settings.media_limit)
        contents = Contents(self._puppet, self._people, self._presence, files, folder)
        converter = Converter(self._people, contents, clock, lambda: self.account)
        self._roster = Roster(self._puppet, self._people, clock, lambda: self._presence.logged_in)
        self._intake = Intake(self._puppet, self._people, converter, self._presence, self._roster)
        self._performer = Performer(self._puppet, self._people, files)
        self._stream = EventStream(self._puppet, Holding(media_dir / HOLDING, settings.endpoint, heir or None))

    @property
    def account(self) -> Member:
        return self._presence.account

    def capabilities(self, group: str = "") -> frozenset[Capability]:
        can = _ALWAYS | {Capability.ECHO} if self._settings.echo else _ALWAYS
        if not group:
            return can
        can |= _IN_GROUPS
        me = self.account.id
        if not me or not self._people.knows(group):
            # nobody knows yet, and a no would turn what is due into a notice; the gateway itself refuses if it must
            return can | _AS_ADMIN
        return can | _AS_ADMIN if self._people.role(group, me) >= Role.ADMIN else can

    def health(self) -> Health:
        return self._presence.health()

    async def run(self, deliver: Deliver) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                lanes = Lanes(deliver, tasks)
                tasks.create_task(lanes.run())
                tasks.create_task(self._roster.run(lanes))
                tasks.create_task(self._roster.name_the_rest())
                await self._stream.run(lambda arrival: self._intake.take(arrival, lanes))
        finally:
            self._puppet.hang_up()

    async def perform(self, action: Action) -> Receipt:
        if not self._presence.logged_in:
            raise Unavailable(self._presence.health().detail or "微信账号不在线 (the account is offline)")
        return await self._performer.perform(action)

    async def is_member(self, group: str, member: str) -> bool | None:
        try:
            await self._refresh(group)
            members: Sequence[str] = await self._puppet.member_ids(group)
        except PAYLOAD_ERRORS as error:
            log.info("the members of %s cannot be told: %s", group, type(error).__name__)
            return None
        return member in tidy.idents(list(members)) if members else None

    async def _refresh(self, group: str) -> None:
        self._people.changed(group)
        try:
            await self._puppet.forget_room(group)
        except PAYLOAD_ERRORS as error:
            # gateways of 2021 cannot be told to forget; their list is asked all the same
            log.debug("the gateway does not forget %s: %s", group, type(error).__name__)

    async def announcement(self, group: str) -> str | None:
        try:
            return tidy.clean(await self._puppet.get_announcement(group))
        except PAYLOAD_ERRORS as error:
            log.info("the announcement of %s cannot be read: %s", group, type(error).__name__)
            return None

    async def close(self) -> None:
        self._presence.lost("机器人已停止")
        self._puppet.hang_up()


def _check(settings: WechatySettings) -> None:
    problems = []
    if not settings.endpoint:
        problems.append("没有网关地址：请设环境变量 WECHATY_PUPPET_SERVICE_ENDPOINT=主机:端口 (no gateway endpoint)")
    if not settings.token.get_secret_value():
        problems.append("没有网关令牌：请设环境变量 WECHATY_PUPPET_SERVICE_TOKEN (no gateway token)")
    if problems:
        raise ConfigError(*problems)
