"""Transport: the sandbox's stage: the world, and the wire from it to the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

from bot.events import Event, GatewayChanged, RosterSeen
from bot.model import Capability, Role
from bot.transports.sandbox.things import BOT, Group
from bot.transports.sandbox.world import World
from bot.transports.transcript.names import quote

_ALWAYS = frozenset(
    {
        Capability.RECALL,
        Capability.READ_ANNOUNCEMENT,
        Capability.MENTION,
        Capability.INVITE,
        Capability.IMAGE,
        Capability.PRIVATE,
        Capability.ROSTER,
        Capability.SEE_RED_PACKET,
        Capability.SEE_INVITER,
        Capability.ADMIN_CHANNEL,
        Capability.ECHO,
    }
)
_AS_ADMIN = frozenset({Capability.REMOVE, Capability.ANNOUNCE, Capability.TOPIC})


class Stage:
    """Where people act (`talk`, `people`) and from where the bot hears of it, in order.

    While the wire is cut nothing reaches the bot: what is said is lost to it, who came and went is seen in the
    member list afterwards, as with a real gateway.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.online = world.cut is None
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self._cut_at: datetime | None = None if self.online else world.now()

    def emit(self, event: Event) -> None:
        """Tell the bot, if the wire holds."""
        if self.online:
            self.events.put_nowait(event)

    def write(self, line: str, group: str = "") -> str:
        """Put what somebody did into the script, as a comment when the bot cannot know; returns its id."""
        if self.online:
            return self.world.journal.write(line, group)
        return self.world.journal.remark(f"# 掉线时，机器人没听到：{line}")

    def emit_rosters(self) -> None:
        for group in self.world.groups.values():
            self.emit(self.roster(group))

    def roster(self, group: Group) -> RosterSeen:
        return RosterSeen(
            id=self.world.new_id("roster"),
            at=self.world.now(),
            group=group.id,
            members=group.members,
            topic=group.topic,
            size=len(group.seats),
        )

    async def heard(self) -> None:
        """Returns when the bot has accepted everything told so far."""
        await self.events.join()

    def capabilities(self, group: str) -> frozenset[Capability]:
        known = self.world.groups.get(group)
        return _ALWAYS | _AS_ADMIN if known is None or known.bot_is_admin else _ALWAYS

    def cut(self) -> None:
        """The gateway goes away."""
        if not self.online:
            return
        self._cut_at = self.world.now()
        self.emit(GatewayChanged(id=self.world.new_id("down"), at=self._cut_at, up=False, reason="沙盒：掉线"))
        self.online = False
        groups = self.world.groups.values()
        self.world.cut = {group.id: {seat.person: seat.name for seat in group.seats.values()} for group in groups}
        self.world.journal.write("gateway down")
        self.tell_all("机器人掉线了：群里的消息它收不到，它的消息也发不出来")

    def mend(self) -> None:
        """The gateway is back; the bot looks at the member lists."""
        if self.online:
            return
        self.online = True
        self.world.journal.write("gateway up")
        self._write_changes(self.world.cut or {})
        self.world.cut = None
        self.tell_all("机器人重新上线，正在核对群成员")
        self.emit(GatewayChanged(id=self.world.new_id("up"), at=self.world.now(), up=True, gap_from=self._cut_at))
        self.emit_rosters()

    def let_remove(self, group: Group, allowed: bool) -> None:
        """Make the bot an admin of the group, or an ordinary member without rights over others."""
        if group.bot_is_admin == allowed:
            return
        group.bot_is_admin = allowed
        group.seats[BOT].role = Role.ADMIN if allowed else Role.MEMBER
        self.world.save(group)
        sign = "+" if allowed else "-"
        self.world.journal.direct(f"@can [{group.id}] {sign}remove {sign}announce {sign}topic", group.id)
        word = "又是管理员了" if allowed else "现在只是普通成员：不能移出别人，也不能发群公告"
        self.world.tell(group.id, f"机器人{word}")
        self.emit(self.roster(group))

    def _write_changes(self, before: Mapping[str, Mapping[str, str]]) -> None:
        """What the member lists show the bot now, as lines a script can play."""
        for group in self.world.groups.values():
            was = before.get(group.id, {})
            now = {seat.person: seat.name for seat in group.seats.values()}
            for person in [person for person in now if person not in was]:
                self.world.journal.write(f"{quote(person)} joins", group.id)
            for person in [person for person in was if person not in now]:
                self.world.journal.write(f"{quote(person)} leaves", group.id)
            for person in [person for person in was if now.get(person, was[person]) != was[person]]:
                self.world.journal.write(f"{quote(person)} renames {quote(now[person])}", group.id)

    def tell_all(self, text: str) -> None:
        for group in self.world.groups:
            self.world.tell(group, text)
