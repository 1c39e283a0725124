"""Core: how a plugin is written: a name, its settings, and handlers that yield actions."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, Generic, Literal, TypeVar

from pydantic import Field

from bot.actions import Action
from bot.commands import Call, Command
from bot.context import Context
from bot.events import Event
from bot.model import Role
from bot.records import Blank, Deed, Panel, PanelRow
from bot.section import PluginSettings, picture, template

__all__ = [
    "Blank", "Call", "Context", "Deed", "Field", "Panel", "PanelRow", "Plugin", "PluginSettings", "picture", "template",
]  # fmt: skip


S = TypeVar("S", bound=PluginSettings)
E = TypeVar("E", bound=Event)
EventHandler = Callable[[E, Context[S]], AsyncIterator[Action]]
CommandHandler = Callable[[Call, Context[S]], AsyncIterator[Action]]
PanelHandler = Callable[[Context[S], str], Awaitable[Panel]]
BlockHandler = Callable[[Context[S], date, str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Registration:
    """One handler of one plugin, and the cheap tests that are asked before it runs: of the event, of the memory, of the
    group's settings."""

    event_type: type[Event]
    handler: Callable[[Any, Context[Any]], AsyncIterator[Action]]
    guard: bool
    when: Callable[[Any], bool] | None
    knowing: Callable[[Any, Mapping[Any, Any]], bool] | None
    wanted: Callable[[Any], bool] | None


@dataclass(frozen=True, slots=True)
class Job:
    """A daily job: `at(settings)` is the local time of day in the group's zone, None when switched off.

    late: how long after its time a missed run is still made up; after that it is skipped and recorded.
    """

    name: str
    at: Callable[[Any], time | None]
    handler: Callable[[Any, Context[Any]], AsyncIterator[Action]]
    late: timedelta


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a brief, offered by a plugin. label: what admins call it."""

    name: str
    label: str
    plugin: str
    handler: Callable[[Context[Any], date, str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class PanelOffer:
    """A table that a plugin shows in the console. place: "activity" of a group, or "member" for one person."""

    place: str
    plugin: str
    handler: Callable[[Context[Any], str], Awaitable[Panel]]


class Plugin(Generic[S]):
    """One feature of the bot.

    name: lower_snake, unique; also the section in the configuration and the prefix of its tables.
    help: one Chinese line that says what members get from it.
    """

    def __init__(self, name: str, settings: type[S], help: str, *, tables: tuple[Any, ...] = ()) -> None:
        self.name = name
        self.settings = settings
        self.help = help
        self.tables = tables
        self.registrations: list[Registration] = []
        self.commands: list[tuple[Command, CommandHandler[Any]]] = []
        self.jobs: list[Job] = []
        self.blocks: list[Block] = []
        self.panels: list[PanelOffer] = []
        self.computations: dict[str, Callable[[str], str | bytes]] = {}

    def on(
        self,
        event_type: type[E],
        *,
        guard: bool = False,
        when: Callable[[E], bool] | None = None,
        knowing: Callable[[E, Mapping[Any, Any]], bool] | None = None,
        wanted: Callable[[S], bool] | None = None,
    ) -> Callable[[EventHandler[E, S]], EventHandler[E, S]]:
        """Call the decorated async generator for each event of this type.

        Guards run before commands and all other handlers, so that `ctx.stop()` in one ends the event.
        when: a cheap test of the event, asked before the handler is called. knowing: one of the event and of what the
        plugin remembers (`ctx.memory`), asked after it. wanted: one of this plugin's settings in the group.
        """

        def register(handler: EventHandler[E, S]) -> EventHandler[E, S]:
            self._must_yield(handler)
            self.registrations.append(Registration(event_type, handler, guard, when, knowing, wanted))
            return handler

        return register

    def guard(
        self,
        event_type: type[E],
        *,
        when: Callable[[E], bool] | None = None,
        wanted: Callable[[S], bool] | None = None,
    ) -> Callable[[EventHandler[E, S]], EventHandler[E, S]]:
        """`on(…, guard=True)`. A guard's plugin is named `…_guard`."""
        return self.on(event_type, guard=True, when=when, wanted=wanted)

    def command(
        self,
        name: str,
        *aliases: str,
        usage: str,
        example: str,
        help: str,
        role: Role = Role.MEMBER,
        cooldown: timedelta = timedelta(0),
        private: bool = True,
        group: bool = True,
        personal: bool = False,
        wide: bool = False,
        bare: bool = True,
        for_members: tuple[str, ...] = (),
    ) -> Callable[[CommandHandler[S]], CommandHandler[S]]:
        """Call the decorated async generator when somebody with at least `role` gives the command.

        usage: what follows the name, such as `<奖品> [xN]`; example: one whole line that works.
        private, group: where it may be given. personal: about the asker in all groups together, so that a private chat
        needs to name none, and who has left may give it too. wide: about many groups of those the asker runs; a private
        chat needs to name none. bare: whether a line said to the bot alone may leave out the slash; False where plugins
        hear the word itself, of whatever it is said. for_members: the commands that do a member's part of the same
        thing; who may not give this one is told of them. Raise CommandError for a wrong call: its sentence is the
        answer.
        """

        def register(handler: CommandHandler[S]) -> CommandHandler[S]:
            self._must_yield(handler)
            command = Command(
                name=name,
                aliases=aliases,
                plugin=self.name,
                role=role,
                usage=usage,
                example=example,
                help=help,
                cooldown=cooldown,
                private=private,
                group=group,
                personal=personal,
                wide=wide,
                bare=bare,
                for_members=for_members,
            )
            self.commands.append((command, handler))
            return handler

        return register

    def daily(
        self, at: Callable[[S], time | None], *, name: str, late: timedelta
    ) -> Callable[[EventHandler[Any, S]], EventHandler[Any, S]]:
        """Call the decorated async generator with JobDue once a day per group, at its local time."""

        def register(handler: EventHandler[Any, S]) -> EventHandler[Any, S]:
            self._must_yield(handler)
            self.jobs.append(Job(name, at, handler, late))
            return handler

        return register

    def block(self, name: str, label: str) -> Callable[[BlockHandler[S]], BlockHandler[S]]:
        """Offer a part of the daily brief: what the decorated function says about the group, "" for nothing.

        It gets this plugin's own context, the brief's local day, and the edition: "morning" looks back at the day
        before and ahead at this one, "evening" back at this one. It only reads: a preview asks it too. What it raises
        leaves the block out of the brief, with a line in the log.
        """

        def register(handler: BlockHandler[S]) -> BlockHandler[S]:
            if not inspect.iscoroutinefunction(handler):
                raise TypeError(f"{self.name}.{handler.__name__} must be an async function that returns a text")
            self.blocks.append(Block(name, label, self.name, handler))
            return handler

        return register

    def panel(self, place: Literal["activity", "member"]) -> Callable[[PanelHandler[S]], PanelHandler[S]]:
        """Show a table in the console: on a group's activity page, or on the page of one member (their id is given).

        The decorated async function gets this plugin's own context and only reads; what it offers as buttons are
        command lines, which the console gives in the name of whoever pressed.
        """

        def register(handler: PanelHandler[S]) -> PanelHandler[S]:
            if not inspect.iscoroutinefunction(handler):
                raise TypeError(f"{self.name}.{handler.__name__} must be an async function that returns a Panel")
            self.panels.append(PanelOffer(place, self.name, handler))
            return handler

        return register

    def compute(self, name: str) -> Callable[[Callable[[str], str | bytes]], Callable[[str], str | bytes]]:
        """Register a pure function for `Compute` actions of this name; it runs in a thread.

        It gets the action's `argument` and returns a text, or the bytes of a PNG, which the engine puts into a file.
        A ValueError it raises is the outcome's `error`; it knows neither context nor database.
        """

        def register(function: Callable[[str], str | bytes]) -> Callable[[str], str | bytes]:
            self.computations[name] = function
            return function

        return register

    def _must_yield(self, handler: Callable[..., Any]) -> None:
        if not inspect.isasyncgenfunction(handler):
            raise TypeError(f"{self.name}.{handler.__name__} must be an async generator that yields its actions")
