"""Test: a far side in memory and a bot on a real file, on a clock that tests set; for everything in this folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, select

from bot.actions import Action, Announce, NotifyAdmins, Purpose, RemoveMember, SendText
from bot.app import App
from bot.build import build_app
from bot.clock import ManualClock
from bot.errors import Refused
from bot.events import Event, MemberJoined, MemberLeft, MessageReceived, OwnMessageSeen, RosterSeen
from bot.model import Capability, Member, Role
from bot.plugin import Context, Plugin, PluginSettings
from bot.settings import PLAYGROUND, Settings, load_settings
from bot.storage import outbox as outbox_store
from bot.storage.outbox import Row
from bot.storage.tables import outbox
from bot.storage.work import Work
from bot.transport import Deliver, Health, Receipt
from tests import stores

CONFIG = Path(__file__).parents[2] / "config"
START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
"""Monday 09:00 in Shanghai."""
BOT = Member("bot", "群管家")
OWNER = Member("owner", "群主", Role.OWNER)
ADMIN = Member("admin", "管理员", Role.ADMIN)
XIAOWANG, XIAOLI = Member("w", "小王"), Member("l", "小李")
G = "g1"
NO_CHANNEL = frozenset(Capability) - {Capability.ADMIN_CHANNEL}

Fault = Exception | Callable[[Action], Any]


@dataclass
class FarSide:
    """A transport in memory: groups with members, what arrived, and faults to come, one per call.

    A fault that is an exception is raised instead of acting; a callable is awaited with the action and may act itself.
    """

    name: str = "stage"
    groups: dict[str, dict[str, Member]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    announcements: dict[str, str] = field(default_factory=dict)
    can: frozenset[Capability] = frozenset(Capability)
    connected: bool = True
    faults: list[Fault] = field(default_factory=list)
    always: Fault | None = None
    deaf: bool = False
    """Says yes to a removal and does nothing."""
    tells_members: bool = True
    sent: list[tuple[datetime, Action]] = field(default_factory=list)
    asked: int = 0
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    account: Member = BOT
    closed: bool = False

    def capabilities(self, group: str = "") -> frozenset[Capability]:
        return self.can

    def health(self) -> Health:
        return Health(self.connected, self.connected)

    async def run(self, deliver: Deliver) -> None:
        await asyncio.Event().wait()

    async def perform(self, action: Action) -> Receipt:
        self.asked += 1
        fault = self.faults.pop(0) if self.faults else self.always
        if isinstance(fault, Exception):
            raise fault
        if fault is not None:
            await fault(action)
        return self.carry_out(action)

    def carry_out(self, action: Action) -> Receipt:
        if isinstance(action, NotifyAdmins) and Capability.ADMIN_CHANNEL not in self.can:
            raise Refused("no channel to the admins")
        self.sent.append((self.clock.now(), action))
        if isinstance(action, RemoveMember) and not self.deaf:
            self.groups.get(action.group, {}).pop(action.member.id, None)
        if isinstance(action, Announce):
            self.announcements[action.group] = action.text
        return Receipt(f"sent-{len(self.sent)}")

    async def is_member(self, group: str, member: str) -> bool | None:
        return member in self.groups.get(group, {}) if self.tells_members else None

    async def announcement(self, group: str) -> str | None:
        return self.announcements.get(group)

    async def close(self) -> None:
        self.closed = True

    @property
    def actions(self) -> list[Action]:
        return [action for _, action in self.sent]

    def texts(self, group: str | None = None) -> list[str]:
        return [a.text for a in self.actions if isinstance(a, SendText) and (group is None or a.group == group)]

    @property
    def notices(self) -> list[str]:
        return [action.text for action in self.actions if isinstance(action, NotifyAdmins)]

    @property
    def removed(self) -> list[str]:
        return [action.member.id for action in self.actions if isinstance(action, RemoveMember)]


class NoSettings(PluginSettings):
    """A plugin that has nothing to set."""


def make_plugin(name: str = "probe", settings: type[PluginSettings] = NoSettings, **options: Any) -> Plugin[Any]:
    return Plugin(name, settings, help="测试", **options)


def parrot() -> Plugin[Any]:
    """Answers `say X` with X, `kick ID` with a removal, `tell X` with a notice."""
    plugin = make_plugin("parrot")

    @plugin.on(MessageReceived)
    async def answer(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        verb, _, rest = event.text.partition(" ")
        if verb == "say":
            yield SendText(group=event.group, text=rest, purpose=Purpose.REPLY)
        elif verb == "enforce":
            yield SendText(group=event.group, text=rest, purpose=Purpose.ENFORCEMENT)
        elif verb == "cast":
            yield SendText(group=event.group, text=rest, purpose=Purpose.BROADCAST)
        elif verb == "kick":
            for who in rest.split():
                yield RemoveMember(group=event.group, member=Member(who, who), reason="测试")
        elif verb == "tell":
            yield NotifyAdmins(group=event.group, text=rest)
        elif verb == "announce":
            yield Announce(group=event.group, text=rest)

    return plugin


def settings_of(plugins: Sequence[Plugin[Any]], **values: Any) -> Settings:
    """`bot__owners=(…)` sets `bot.owners`; the rest is the playground's, from no file."""
    overrides = {key.replace("__", "."): value for key, value in values.items()}
    return load_settings(CONFIG / "nothing", plugins, env={}, overrides=overrides, presets=PLAYGROUND)


@dataclass(repr=False)
class Stage:
    """A running bot with its far side, its clock and its file; `crash` and `reopen` keep the file."""

    database: Path
    plugins: Sequence[Plugin[Any]]
    values: Mapping[str, Any]
    far: FarSide
    clock: ManualClock
    app: App
    options: Mapping[str, Any] = field(default_factory=dict)
    _no: int = 0

    # ---- what comes in

    def message(self, text: str, by: Member = XIAOWANG, group: str = G, **more: Any) -> MessageReceived:
        self._no += 1
        values = {"id": f"m{self._no}", "at": self.clock.now(), "group": group, "sender": by, "text": text, **more}
        return MessageReceived(**values)

    async def say(self, text: str, by: Member = XIAOWANG, group: str = G, **more: Any) -> MessageReceived:
        """One message, handled, and all that follows from it at this moment."""
        event = self.message(text, by, group, **more)
        await self.app.handle(event)
        await self.app.settle()
        return event

    async def handle(self, *events: Event) -> None:
        for event in events:
            await self.app.handle(event)

    async def roster(self, *members: Member, group: str = G, topic: str = "读书群", size: int = 0) -> None:
        self._no += 1
        seen = RosterSeen(
            id=f"roster{self._no}", at=self.clock.now(), group=group, members=(*members, BOT), topic=topic, size=size
        )
        self.far.groups[group] = {member.id: member for member in seen.members}
        await self.app.handle(seen)

    def joined(self, member: Member, inviter: Member | None = None, **more: Any) -> MemberJoined:
        self._no += 1
        base = {"id": f"j{self._no}", "at": self.clock.now(), "group": G, **more}
        return MemberJoined(member=member, inviter=inviter, **base)

    def left(self, member: Member, **more: Any) -> MemberLeft:
        self._no += 1
        return MemberLeft(**{"id": f"l{self._no}", "at": self.clock.now(), "group": G, "member": member, **more})

    async def echo(self, text: str, group: str = G, to: str = "", message_id: str = "") -> None:
        self._no += 1
        await self.app.handle(
            OwnMessageSeen(
                id=f"echo{self._no}", at=self.clock.now(), group=group, to=to, text=text, message_id=message_id
            )
        )

    # ---- time and death

    async def after(self, **span: float) -> None:
        await self.app.advance(self.clock.now() + timedelta(**span))

    async def crash(self) -> None:
        await self.app.kill()

    async def reopen(self) -> None:
        self.app = await _build(self)
        await self.app.start()

    async def restart(self) -> None:
        await self.crash()
        await self.reopen()

    # ---- what is in the file

    async def read(self, statement: Any) -> list[Any]:
        async def ask(work: Work) -> list[Any]:
            return list(await work.execute(statement))

        return await self.app.writer.run(ask)

    async def rows(self, table: Table) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in await self.read(select(table))]

    async def count(self, table: Table) -> int:
        return int((await self.read(select(func.count().label("n")).select_from(table)))[0].n)

    async def parcels(self) -> list[Row]:
        return [outbox_store.row_of(row) for row in await self.read(select(outbox).order_by(outbox.c.id))]

    async def states(self) -> list[str]:
        return [row.state.value for row in await self.parcels()]


async def _build(stage: Stage) -> App:
    server = await stores.make_migrated(stage.database)
    return await build_app(
        settings_of(stage.plugins, **stage.values),
        transport=stage.far,
        clock=stage.clock,
        database=stage.database,
        plugins=stage.plugins,
        seed="seed",
        config_dir=CONFIG,
        server=server,
        **stage.options,
    )


@asynccontextmanager
async def running_app(
    folder: Path,
    *plugins: Plugin[Any],
    far: FarSide | None = None,
    members: Sequence[Member] = (OWNER, ADMIN, XIAOWANG, XIAOLI),
    options: Mapping[str, Any] | None = None,
    **values: Any,
) -> AsyncIterator[Stage]:
    """A bot that runs step by step; `members` are in g1 since before it came (none: no roster was seen)."""
    far = far or FarSide()
    chosen = plugins or (parrot(),)
    stage = Stage(folder / "shequn.db", chosen, values, far, far.clock, None, options or {})  # type: ignore[arg-type]
    stage.app = await _build(stage)
    await stage.app.start()
    if members:
        await stage.roster(*members)
    try:
        yield stage
    finally:
        await stage.app.stop()


def named(member: Member, name: str) -> Member:
    return replace(member, name=name)
