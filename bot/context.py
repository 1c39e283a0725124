"""Core: what a handler may touch; everything here shares the event's one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Generic, TypeVar

from bot.actions import Declare, Purpose, SendText
from bot.commands import CONFIRM, CONFIRM_TOLD, CONFIRM_WITHIN, Call, Registry
from bot.duration import format_duration, say_duration
from bot.errors import CommandError
from bot.events import CaseOverturned, Event, MessageReceived
from bot.model import Capability, Member
from bot.ports import Archive, Blocks, Cases, Database, Ledger, Members, Notes, Scope, Settings, Timers
from bot.records import ArchivedMessage, Case, DayNumbers, Entry, GroupInfo, Origin, Preset, Profile
from bot.text import clip, fill

__all__ = [
    "Archive",
    "ArchivedMessage",
    "Blocks",
    "Case",
    "Cases",
    "Context",
    "Database",
    "DayNumbers",
    "Entry",
    "GroupInfo",
    "Ledger",
    "Members",
    "Notes",
    "Origin",
    "Preset",
    "Profile",
    "Scope",
    "Settings",
    "Timers",
]

S_co = TypeVar("S_co", covariant=True)


class Context(Generic[S_co]):
    """All that a handler may touch.

    settings: this plugin's settings, of this group. group: empty id in a private chat that names no group.
    now: aware UTC time of the event; today: the calendar day of `now` where the group lives.
    """

    __slots__ = ("_scope", "event", "group", "now", "plugin", "settings")

    def __init__(self, scope: Scope, plugin: str, settings: S_co, group: GroupInfo, event: Event) -> None:
        self._scope = scope
        self.plugin = plugin
        self.settings = settings
        self.group = group
        self.event = event
        self.now = event.at

    @property
    def today(self) -> date:
        return self.now.astimezone(self.group.zone).date()

    @property
    def notes(self) -> Notes:
        return self._scope.notes(self.plugin, self.group.id)

    @property
    def memory(self) -> dict[Any, Any]:
        """This plugin's own memory over all groups, gone when the process ends and not undone with the event.

        For counters that every message moves; whoever fills it keeps it bounded.
        """
        return self._scope.memory(self.plugin)

    @property
    def timers(self) -> Timers:
        return self._scope.timers(self.plugin, self.group.id)

    @property
    def members(self) -> Members:
        return self._scope.members(self.group.id)

    @property
    def ledger(self) -> Ledger:
        return self._scope.ledger(self.group.id)

    @property
    def cases(self) -> Cases:
        return self._scope.cases(self.group.id)

    @property
    def archive(self) -> Archive:
        return self._scope.archive(self.group.id)

    @property
    def group_settings(self) -> Settings:
        return self._scope.settings(self.group.id)

    @property
    def db(self) -> Database:
        return self._scope.db

    @property
    def random(self) -> Random:
        """Seeded from this installation's secret and the event, so that a replay draws the same."""
        return self._scope.random(self.plugin)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._scope.capabilities(self.group.id)

    def picture(self, name: str) -> str:
        """Where the picture of this name lies that an operator put into the data folder's `files`; "" when it is gone.

        For settings made with `bot.plugin.picture`.
        """
        return self._scope.picture(name)

    @property
    def status(self) -> Mapping[str, str]:
        """How the installation is: gateway, outbox, database, … as short Chinese values."""
        return self._scope.status()

    @property
    def blocks(self) -> Blocks:
        """The parts of a brief that plugins offer."""
        return self._scope.blocks(self.group, self.event)

    @property
    def commands(self) -> Registry:
        """Every command of every plugin that is on, as this group calls them; what it switched off is left out."""
        return self._scope.commands(self.group.id)

    @property
    def presets(self) -> Mapping[str, Preset]:
        """Ready-made settings for kinds of groups, by name."""
        return self._scope.presets

    @property
    def sections(self) -> Mapping[str, Any]:
        """Every section's settings in this group, by name; read only."""
        return self._scope.sections(self.group.id)

    def section(self, name: str) -> Any:
        """Another section's settings in this group (`bot`, `pacing`); read only."""
        return self._scope.sections(self.group.id)[name]

    async def groups(self) -> list[GroupInfo]:
        """Every group the bot knows."""
        return await self._scope.groups()

    def inside(self, group: GroupInfo) -> Context[S_co]:
        """The same event seen from another group: with its settings, members, notes, timers and cases."""
        settings: S_co = self._scope.sections(group.id)[self.plugin]
        return Context(self._scope, self.plugin, settings, group, self.event)

    async def ask_first(self, call: Call, preview: str) -> SendText:
        """For a wide command: say what would happen, and call the handler again (`call.confirmed`) once its asker has
        answered 确认 in the same place within a minute. The handler then looks anew at whom it concerns. After 取消
        nothing waits any more.
        """
        line = f"{self.commands.prefixes[0]}{call.command.name} {call.raw}"
        until = (self.now + CONFIRM_WITHIN).isoformat()
        kept = {"group": self.group.id, "line": line, "mentions": [each.id for each in call.members], "until": until}
        notes = self._scope.notes(CONFIRM, call.event.group)
        await notes.set(call.asker.id, json.dumps(kept, ensure_ascii=False), lasts=CONFIRM_TOLD)
        return self.reply(call.event, f"{preview}\n{self._say('command.confirm')}")

    def need_group(self) -> None:
        """Raises CommandError in a private chat that names no group."""
        if not self.group.id:
            raise CommandError(self._say("command.in_a_group"))

    def named(self, call: Call) -> tuple[Member, ...]:
        """Whom the call names with @. Raises CommandError for a name that nobody here has."""
        if call.unknown:
            raise CommandError(self._say("command.nobody", name=clip(call.unknown[0], 20)))
        return call.members

    def one_named(self, call: Call, usage: str) -> Member:
        """The one member that the call names. usage: the key of what is said when it names none."""
        members = self.named(call)
        if not members:
            raise CommandError(self.text(usage))
        if len(members) > 1:
            raise CommandError(self._say("command.one_only"))
        return members[0]

    async def once(self, key: str, *, lasts: timedelta | None = None) -> bool:
        """True the first time `key` is asked about by this plugin in this group, False after (until `lasts` ends)."""
        notes = self.notes
        if await notes.get(f"once:{key}") is not None:
            return False
        await notes.set(f"once:{key}", "1", lasts=lasts)
        return True

    def overturned(self, case: Case, by: Member, *, mistaken: bool = True) -> Declare:
        """The fact that `by` took a case back, for the plugins that learn from it; once an event and case."""
        fact = CaseOverturned(
            id=f"{self.event.id}:overturned:{case.no}",
            at=self.now,
            group=self.group.id,
            case=case.no,
            member=case.member,
            by=by,
            mistaken=mistaken,
        )
        return Declare(fact=fact)

    def stop(self) -> None:
        """Let no later handler see this event (guards only)."""
        self._scope.stop()

    def text(self, key: str, **values: object) -> str:
        """A sentence of the catalogue (`config/texts`), `key` without the plugin's name, in the group's language."""
        return self._say(f"{self.plugin}.{key}", **values)

    def _say(self, key: str, **values: object) -> str:
        return fill(self._scope.texts(self.group.language)[key], values)

    def say_day(self, day: date) -> str:
        """`1月8日`, or as the group's language has it."""
        return self._say("time.day", month=day.month, day=day.day)

    def say_moment(self, at: datetime) -> str:
        """`1月8日 09:05` where the group lives."""
        local = at.astimezone(self.group.zone)
        return self._say("time.moment", month=local.month, day=local.day, clock=f"{local:%H:%M}")

    def say_duration(self, duration: timedelta) -> str:
        """`3 分钟` or `3m`, by the group's language."""
        return say_duration(duration) if self.group.language == "zh-CN" else format_duration(duration)

    def render(self, template: str, member: Member | None = None, **values: object) -> str:
        """Fill an admin's template: 昵称, 群名, 人数, 日期 and whatever `values` adds."""
        known: dict[str, object] = {
            "昵称": member.name if member else "",
            "群名": self.group.topic,
            "人数": self.group.size,
            "日期": self.say_day(self.today),
        }
        return fill(template, {**known, **values})

    def reply(self, event: MessageReceived, text: str, *, mention: bool = True) -> SendText:
        """Answer where it was asked: in the group with an @, or in the private chat."""
        if not event.group:
            return SendText(group=self.group.id, to=event.sender.id, text=text, purpose=Purpose.REPLY)
        if not mention:
            return SendText(group=event.group, text=text, purpose=Purpose.REPLY)
        return SendText(
            group=event.group,
            text=f"@{event.sender.name} {text}",
            mentions=(event.sender,),
            purpose=Purpose.REPLY,
        )
