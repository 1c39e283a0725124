"""Engine room: from a message to a command call: which group, who is meant, may they, and what to say if not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from bot.book import Book
from bot.commands import Call, Command, Line, Registry, names_in, without_names
from bot.events import MessageReceived
from bot.model import Member, Role
from bot.storage.known import Known, RosterCache
from bot.storage.work import Work
from bot.text import fill, normalise
from bot.texts import Texts

K = TypeVar("K")
REPEAT = timedelta(minutes=1)
"""A refusal or hint is said to one person at most once in this time."""
NAMING = re.compile(r"^在\s+(.+?)\s*([/／].*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Summons:
    """A command call with the group it is about, or (`refusal`) what to answer instead; "" says nothing."""

    group: str
    call: Call | None = None
    refusal: str = ""


@dataclass(slots=True)
class Commander:
    """Reads commands. Remembers only when it last refused somebody, so that nobody is spammed."""

    registry: Registry
    book: Book
    cache: RosterCache
    texts: Texts
    self_name: str = ""
    _told: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _used: dict[tuple[str, str, str], datetime] = field(default_factory=dict)

    async def read(self, work: Work, event: MessageReceived) -> Summons | None:
        """None: ordinary talk. Otherwise what to do about it."""
        text, group = event.text, event.group
        if not group:
            text, group, problem = await self._target(work, event)
            if problem:
                return Summons("", refusal=self._once(event, "where", problem))
        line = self._line(event, text)
        if line is None:
            return None
        role = await self._role(work, group, event)
        if group and not self.book.manages(group):
            return await self._unmanaged(work, group, line, event, role)
        if line.command is None:
            return Summons(group, refusal=self._unknown(event, line, role))
        if refusal := self._refused(event, line.command, group, role):
            return Summons(group, refusal="" if refusal == "-" else refusal)
        return Summons(group, call=await self.call(work, group, line, event))

    def _line(self, event: MessageReceived, text: str) -> Line | None:
        line = self.registry.parse(text)
        if line is not None or not (event.mentions_bot or not event.group):
            return line
        bare = re.sub(rf"[@＠]{re.escape(self.self_name)}[\s\u2005]*", "", text).strip() if self.self_name else text
        bare = re.sub(r"^[@＠]\S+[\s\u2005]+", "", bare) if event.mentions_bot else bare
        if (line := self.registry.parse(bare)) is not None:
            return line
        guess = self.registry.parse(f"{self.registry.prefixes[0]}{bare}")
        return guess if guess is not None and guess.command is not None else None

    async def _unmanaged(
        self, work: Work, group: str, line: Line, event: MessageReceived, role: Role
    ) -> Summons | None:
        """In a group we do not look after, only its keeper's (or former owner's) word to begin is heard."""
        was_enabled = self.book.pages[group].enabled is not None
        enough = Role.OWNER if was_enabled else Role.KEEPER
        if line.command is None or line.command.name != "启用" or role < enough:
            return None
        return Summons(group, call=await self.call(work, group, line, event))

    async def _target(self, work: Work, event: MessageReceived) -> tuple[str, str, str]:
        """In a private chat: the text without `在 某群`, the group meant, and what is unclear."""
        text = event.text.strip()
        mine = [g for g in self.book.managed() if event.sender.id in await self.cache.group(work, g)]
        if event.sender.id in self.cache.keepers:
            mine = list(self.book.pages)
        naming = NAMING.match(text)
        if naming:
            wanted = normalise(naming[1])
            found = [g for g in mine if wanted in (g, normalise(self.book.pages[g].topic))]
            found = found or [g for g in mine if wanted in normalise(self.book.pages[g].topic)]
            if len(found) == 1:
                return naming[2], found[0], ""
            return text, "", self._say("which_group" if found else "no_group", names=self._topics(found or mine))
        if len(mine) == 1 or self._line(event, text) is None:
            return text, mine[0] if len(mine) == 1 else "", ""
        return text, "", self._say("which_group", names=self._topics(mine)) if mine else ""

    def _topics(self, groups: Sequence[str]) -> str:
        return "、".join(self.book.pages[group].topic or group for group in groups[:5])

    async def _role(self, work: Work, group: str, event: MessageReceived) -> Role:
        known = (await self.cache.group(work, group)).get(event.sender.id) if group else None
        keeper = Role.KEEPER if event.sender.id in self.cache.keepers else Role.MEMBER
        present = known.role if known is not None and known.present else Role.MEMBER
        return max(present, keeper, event.sender.role if event.group else Role.MEMBER)

    def _unknown(self, event: MessageReceived, line: Line, role: Role) -> str:
        near = self.registry.nearest(line.word, role)
        if near is None or not re.match(r"[\w\u4e00-\u9fff]", line.word):
            return ""
        return self._once(event, "unknown", self._say("unknown", word=line.word[:20], near=near.name))

    def _refused(self, event: MessageReceived, command: Command, group: str, role: Role) -> str:
        """The sentence that says no, "-" for a silent no, "" for yes."""
        if role < command.role:
            return self._once(event, "role", self._say("not_allowed", name=command.name)) or "-"
        if not event.group and not command.private:
            return self._say("only_group", name=command.name)
        if event.group and not command.group:
            return self._say("only_private", name=command.name)
        key = (command.name, group, event.sender.id)
        last = self._used.get(key)
        if command.cooldown and role < Role.HELPER:
            if last is not None and event.at < last + command.cooldown:
                return "-"
            _remember(self._used, key, event.at)
        return ""

    def _once(self, event: MessageReceived, what: str, sentence: str) -> str:
        key = (what, event.sender.id)
        last = self._told.get(key)
        if last is not None and event.at < last + REPEAT:
            return ""
        _remember(self._told, key, event.at)
        return sentence

    def _say(self, key: str, **values: object) -> str:
        return fill(self.texts[self.book.settings.bot.language][f"command.{key}"], values)

    async def call(self, work: Work, group: str, line: Line, event: MessageReceived) -> Call:
        """The call of a known command: who is named in it, and the rest."""
        assert line.command is not None
        roster = await self.cache.group(work, group) if group else {}
        members, text, unknown = _people(line, event, roster)
        return Call(line.command, event, text, line.raw, members, unknown)


def _remember(memory: dict[K, datetime], key: K, at: datetime) -> None:
    if len(memory) > 5000:
        memory.clear()
    memory[key] = at


def _people(
    line: Line, event: MessageReceived, roster: Mapping[str, Known]
) -> tuple[tuple[Member, ...], str, tuple[str, ...]]:
    """Who is named in the line, the line without their names, and the names nobody has."""
    if "@" not in line.rest and not event.mentions:
        return (), line.rest, ()
    by_name = {normalise(known.name): member_id for member_id, known in roster.items() if known.present}
    found: dict[str, Member] = {}
    typed = names_in(line.rest)
    names: list[str] = []
    for name in sorted(by_name, key=len, reverse=True):
        if name and re.search(rf"[@＠]{re.escape(name)}(?=[\s\u2005@＠]|$|[^\w])", line.rest):
            names.append(name)
    order = sorted(names, key=line.rest.find)
    for name in order:
        member_id = by_name[name]
        if member_id in event.mentions or by_name[name] not in found:
            found[member_id] = Member(member_id, roster[member_id].name, roster[member_id].role)
    for member_id in event.mentions:
        known = roster.get(member_id)
        if member_id not in found and known is not None:
            found[member_id] = Member(member_id, known.name, known.role)
    text = without_names(line.rest, names)
    left = [name for name in names_in(text) if name in typed or name]
    if len(found) >= len(names) + len(left):
        return tuple(found.values()), without_names(text, left), ()
    return tuple(found.values()), without_names(text, left), tuple(left)
