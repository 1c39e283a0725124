"""Transport: plays a script through the real bot, in virtual time, on a fresh database file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.clock import ManualClock
from bot.errors import CommandError, ConfigError
from bot.events import Event
from bot.transports.transcript.lines import (
    Can,
    Declare,
    Directive,
    Expects,
    Gateway,
    Input,
    Line,
    Loose,
    Named,
    Restarts,
    Set,
)
from bot.transports.transcript.log import Log, Play
from bot.transports.transcript.place import Place
from bot.transports.transcript.scene import NotThere, Scene, cast
from bot.transports.transcript.script import DEFAULT_GROUP, Script
from bot.transports.transcript.stage import Bot, Build, Stage
from bot.transports.transcript.times import Zones, timeline
from bot.transports.transcript.transport import TranscriptTransport
from bot.transports.transcript.world import Group, World

ROUNDS = 10_000
"""How often the bot may act on its own doing at one instant before the play is given up."""


async def play(script: Script, build: Build, zone: ZoneInfo, database: Path, folder: Path) -> Play:
    """Play the whole script on a new file at `database`; files it names lie in `folder`.

    zone: where groups live whose zone the script does not set. Raises ScriptError with `file:line` when a line
    cannot be played.
    """
    result = Play(script, timeline(script, zone))
    clock = ManualClock(result.timeline.start)
    await _Player(result, build, clock, Log(result, Zones(zone), clock), database, folder).perform()
    return result


@dataclass(slots=True)
class _Player:
    result: Play
    build: Build
    clock: ManualClock
    log: Log
    database: Path
    folder: Path
    world: World = field(default_factory=World)
    settings: dict[str, object] = field(default_factory=dict)
    cast: dict[str, list[str]] = field(default_factory=dict)
    transport: TranscriptTransport = field(init=False)
    scene: Scene = field(init=False)
    bot: Bot = field(init=False)
    place: Place = field(init=False)

    def __post_init__(self) -> None:
        self.transport = TranscriptTransport(self.world, self.clock, self.log.performed)
        self.scene = Scene(self.world, self.folder)
        self.cast = cast(self.result.script)
        self.place = self.result.script.lines[0].place

    async def perform(self) -> None:
        moments = self.result.timeline.moments
        count = next(n for n, moment in enumerate(moments) if moment.line.stamp is not None)
        self.settings = self.result.script.first_settings()
        if not self.result.script.declared:
            self._open(DEFAULT_GROUP)
        for moment in moments[:count]:
            self._prepare(moment.line)
        await self._wake()
        try:
            for moment in moments[:count]:
                if isinstance(moment.line.fact, Set) and moment.line.fact.group:
                    await self._set(moment.line, moment.line.fact)
            for moment in moments[count:]:
                await self._step(moment.line, moment.at)
            await self._advance(self.result.timeline.end)
        finally:
            await self.bot.stop()

    # -- before the first timed line

    def _prepare(self, line: Line) -> None:
        """A directive that the bot finds in place when it starts."""
        self.log.heard(line)
        match line.fact:
            case Declare():
                self._open(line.fact)
            case Can():
                self.transport.allow(line.fact)
            case Named(name):
                self._require(line, name)
            case Loose():
                self.log.loose = True

    def _open(self, declared: Declare) -> None:
        self.world.groups[declared.id] = Group.of(declared, self.cast.get(declared.id, ()))

    def _require(self, line: Line, name: str) -> None:
        if not (self.folder / name).is_file():
            raise line.place.error(f"脚本旁边没有文件 {name}", "no such file beside the script")

    # -- line by line

    async def _step(self, line: Line, at: datetime) -> None:
        self.place = line.place
        fact = line.fact
        if isinstance(fact, Expects):
            return
        if line.stamp is None:
            await self._direct(line, fact)
            return
        await self._advance(at)
        if isinstance(fact, Restarts):
            self.log.heard(line)
            await self.bot.kill()
            await self._wake()
        elif not isinstance(fact, Directive):
            await self._input(line, fact, at)

    async def _direct(self, line: Line, fact: object) -> None:
        self._prepare(line)
        if isinstance(fact, Declare):
            await self._deliver(self.transport.arrivals(fact.id))
        elif isinstance(fact, Set):
            if not fact.group:
                self.settings[fact.key] = fact.value
            await self._set(line, fact)

    async def _set(self, line: Line, fact: Set) -> None:
        try:
            await self.bot.set_setting(fact.group, fact.key, fact.value)
        except (ConfigError, CommandError) as error:
            raise line.place.error(str(error).splitlines()[0], "this cannot be set") from None
        await self._settle()

    async def _input(self, line: Line, fact: Input, at: datetime) -> None:
        try:
            if isinstance(fact, Gateway):
                events = self.transport.switch(fact.up)
            else:
                events = self.scene.play(line, fact, at, self.transport.capabilities(line.group))
        except NotThere as error:
            self.log.heard(line, str(error))
            return
        self.log.heard(line)
        await self._deliver(events)

    async def _wake(self) -> None:
        """The bot starts, and finds the far side as it is."""
        stage = Stage(self.transport, self.clock, self.database, dict(self.settings), self.log.refused)
        self.transport.open()
        self.bot = await self.build(stage)
        await self.bot.start()
        await self._deliver(self.transport.arrivals())

    # -- time

    async def _deliver(self, events: list[Event]) -> None:
        for event in events:
            await self.bot.handle(event)
        await self._settle()

    async def _settle(self) -> None:
        """Until nothing is due at this instant and the bot has seen all of its own doing."""
        for _ in range(ROUNDS):
            await self.bot.settle()
            echoes = self.transport.echoes()
            if not echoes:
                return
            for event in echoes:
                await self.bot.handle(event)
        raise self._endless()

    async def _advance(self, to: datetime) -> None:
        """Let time pass, one due thing after the other, so that each finds what came of those before it."""
        stuck = 0
        while (due := await self.bot.next_at()) is not None and due <= to:
            stuck = stuck + 1 if due <= self.clock.now() else 0
            if stuck > ROUNDS:
                raise self._endless()
            await self.bot.advance(max(due, self.clock.now()))
            await self._settle()
        await self.bot.advance(to)
        await self._settle()

    def _endless(self) -> Exception:
        at = self.clock.now().astimezone(self.log.zones.of(""))
        return self.place.error(f"bot 在 {at:%H:%M} 停不下来", "the bot does not come to rest")
