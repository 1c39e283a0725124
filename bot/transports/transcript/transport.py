"""Transport: the far side of a script: carries out actions in the imaginary world and writes each one down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.actions import (
    AcceptFriend,
    Action,
    Announce,
    InviteMember,
    NotifyAdmins,
    RecallMessage,
    RemoveMember,
    SendImage,
    SendText,
    SetTopic,
)
from bot.clock import Clock
from bot.errors import Refused, Unavailable
from bot.events import Event, GatewayChanged, MemberLeft, OwnMessageSeen, TopicChanged
from bot.model import Capability, Member, Role
from bot.transport import Deliver, Health, Receipt
from bot.transports.transcript.lines import Can
from bot.transports.transcript.rights import Rights, needed_for
from bot.transports.transcript.world import BOT, Group, Said, World


@dataclass(frozen=True, slots=True)
class Performed:
    """One action that was carried out. `text` is what a recalled message said."""

    at: datetime
    action: Action
    text: str = ""


class TranscriptTransport:
    """Implements bot.transport.Transport over a World; time is the clock's.

    on_performed: told of each action carried out, in order.
    """

    name = "transcript"

    def __init__(self, world: World, clock: Clock, on_performed: Callable[[Performed], None] | None = None) -> None:
        self.world = world
        self._clock = clock
        self._on_performed = on_performed
        self._rights = Rights()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._count = 0
        self._closed = False
        self._down_since: datetime | None = None

    @property
    def account(self) -> Member:
        return BOT

    def capabilities(self, group: str = "") -> frozenset[Capability]:
        return self._rights.of(group)

    def allow(self, change: Can) -> None:
        """Give or take capabilities, in one group or in all."""
        self._rights.allow(change)

    def switch(self, up: bool) -> list[Event]:
        """The far side goes or comes back; what it tells of that. Going twice changes nothing."""
        if up == self.world.gateway:
            return []
        self.world.gateway = up
        now, since = self._now, self._down_since
        self._down_since = None if up else now
        reason = "" if up else "脚本：网关断开"
        changed = GatewayChanged(id=self._next_id("gateway"), at=now, up=up, reason=reason, gap_from=since)
        return [changed, *self.arrivals()]

    def health(self) -> Health:
        up = self.world.gateway and not self._closed
        return Health(connected=up, logged_in=up, detail="" if up else "脚本：网关断开")

    def arrivals(self, of: str = "") -> list[Event]:
        """How the far side looks at a (re)connect: the member list of each group (or only `of`) it shows."""
        return [
            group.roster(self._next_id("roster"), self._now)
            for group in self.world.groups.values()
            if self.world.gateway and of in ("", group.id) and Capability.ROSTER in self.capabilities(group.id)
        ]

    def echoes(self) -> list[Event]:
        """What came back of the bot's own actions since last asked."""
        found: list[Event] = []
        while not self._events.empty():
            found.append(self._events.get_nowait())
        return found

    async def run(self, deliver: Deliver) -> None:
        await deliver(GatewayChanged(id=self._next_id("gateway"), at=self._now, up=True))
        for roster in self.arrivals():
            await deliver(roster)
        while True:
            await deliver(await self._events.get())

    async def perform(self, action: Action) -> Receipt:
        if not self.health().connected:
            raise Unavailable("网关断开 (the gateway is down)")
        group = self._group(action)
        need = needed_for(action)
        if need is not None and need not in self.capabilities(action.group):
            raise Refused(f"通道不支持 {need.value} (the transport cannot do this here)")
        receipt, text = self._carry_out(action, group)
        done = Performed(self._now, action, text)
        if self._on_performed is not None:
            self._on_performed(done)
        return receipt

    async def is_member(self, group: str, member: str) -> bool | None:
        if not self.world.gateway or Capability.ROSTER not in self.capabilities(group):
            return None
        found = self.world.groups.get(group)
        return found is not None and member in found.present

    async def announcement(self, group: str) -> str | None:
        if not self.world.gateway or Capability.READ_ANNOUNCEMENT not in self.capabilities(group):
            return None
        found = self.world.groups.get(group)
        return None if found is None else found.announcement

    async def close(self) -> None:
        self._closed = True

    def open(self) -> None:
        """After a restart the next application uses the same far side."""
        self._closed = False

    def _group(self, action: Action) -> Group | None:
        group = self.world.groups.get(action.group)
        private = isinstance(action, SendText | SendImage) and action.to
        if group is None and (action.group or not (private or isinstance(action, NotifyAdmins | AcceptFriend))):
            raise Refused(f"没有群 {action.group} (no such group)")
        return group

    def _carry_out(self, action: Action, group: Group | None) -> tuple[Receipt, str]:
        match action:
            case SendText(text=text, to=to):
                return self._say(action, text, to), ""
            case SendImage(to=to, path=path):
                if not Path(path).is_file():
                    raise Refused(f"没有文件 {path} (no such file)")
                return self._say(action, "", to), ""
            case RecallMessage(message_id=message_id):
                said = self.world.message(message_id)
                if said is None or said.sender != BOT.id or said.recalled:
                    raise Refused("没有这条自己的消息 (no such message of the bot's own)")
                said.recalled = True
                return Receipt(), said.text
            case RemoveMember(member=member) if group is not None:
                self._remove(group, member)
            case Announce(text=text) if group is not None:
                group.announcement = text
            case InviteMember(member=member) if group is not None:
                group.invited.add(member.id)
            case SetTopic(topic=topic) if group is not None:
                group.topic = topic
                self._echo(TopicChanged(id=self._next_id("topic"), at=self._now, group=group.id, topic=topic, by=BOT))
        return Receipt(), ""

    @property
    def _now(self) -> datetime:
        return self._clock.now()

    def _say(self, action: Action, text: str, to: str) -> Receipt:
        id = self._next_id("own")
        self.world.keep(action.group, Said(id, BOT.id, text, to))
        if Capability.ECHO in self.capabilities(action.group):
            group = "" if to else action.group
            self._echo(OwnMessageSeen(id=id, at=self._now, group=group, text=text, to=to, message_id=id))
        return Receipt(id)

    def _remove(self, group: Group, member: Member) -> None:
        present = group.present.get(member.id)
        if present is None:
            raise Refused(f"{member.name} 不在群里 (not in the group)")
        if present.role >= Role.ADMIN:
            raise Refused(f"{member.name} 是管理员，不能移出 (an admin cannot be removed)")
        group.leave(present)
        self._echo(MemberLeft(id=self._next_id("left"), at=self._now, group=group.id, member=present, by=BOT))

    def _echo(self, event: Event) -> None:
        self._events.put_nowait(event)

    def _next_id(self, what: str) -> str:
        self._count += 1
        return f"{what}:{self._count}"
