"""Engine room: from a message to a command call: which group, who is meant, may they, and what to say if not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.book import Book
from bot.commands import CONFIRM, LONGEST_LINE, Call, Command, Line, Registry, answer_in
from bot.events import MessageReceived
from bot.model import Role
from bot.naming import Named, find_named
from bot.patience import Patience
from bot.storage.known import RosterCache
from bot.storage.notes import NoteStore
from bot.storage.work import Work
from bot.text import fill, normalise
from bot.texts import Texts

K = TypeVar("K")
REPEAT = timedelta(minutes=1)
"""A refusal or hint is said to one person at most once in this time."""
NAMING = re.compile(r"在\s{0,10}([^/／\s][^/／]{0,99})([/／].*)", re.DOTALL)
"""Bounded, because a stranger writes it: without limits four thousand spaces keep the process busy for minutes."""
_MEANT = re.compile(r"\w{1,12}[!?,.~。…]*")
"""What may have been meant as a command; a path or a smiley was not."""


@dataclass(frozen=True, slots=True)
class Summons:
    """A command call with the group it is about, or (`refusal`) what to answer instead; "" says nothing."""

    group: str
    call: Call | None = None
    refusal: str = ""
    role: Role = Role.MEMBER
    """What the asker may do there."""


@dataclass(slots=True)
class Commander:
    """Reads commands. Remembers only when it last refused somebody, so that nobody is spammed."""

    registry: Registry
    book: Book
    cache: RosterCache
    texts: Texts
    self_name: str = ""
    patience: Patience = field(default_factory=lambda: Patience(10))
    commands_of: Callable[[str], Registry] | None = None
    """The commands as a group calls them."""
    _told: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _used: dict[tuple[str, str, str], datetime] = field(default_factory=dict)

    async def read(self, work: Work, event: MessageReceived) -> Summons | None:
        """None: ordinary talk. Otherwise what to do about it."""
        answer = answer_in(event.text)
        if answer is not None and (answered := await self.answered(work, event, answer)) is not None:
            return answered
        text, group = event.text, event.group
        if not group:
            text, group, problem = await self._target(work, event)
            if problem:
                return Summons("", refusal=self._once(event, "where", problem))
        line = self._line(event, text)
        if line is None:
            return None
        registry = self._registry(group)
        line, was_off = _called_here(line, registry, self.registry)
        role, managed = await self._role(work, group, event), not group or self.book.manages(group)
        if self.is_tired(event, role):
            return Summons(group, refusal=self._once(event, "slow", self._say(group, "slow")) if managed else "")
        if not managed:
            return await self._unmanaged(work, group, line, event, role)
        if was_off:
            return Summons(group, refusal=self._once(event, "off", self._say(group, "off", name=line.word)))
        if line.command is None:
            return Summons(group, refusal=self._unknown(event, group, line, role, registry))
        if refusal := self._refused(event, line.command, group, role):
            return Summons(group, refusal="" if refusal == "-" else refusal)
        named = await self._named(work, group, line, event)
        if named.twins:
            return Summons(group, refusal=self._say(group, "twins", name=named.twins[0], count=named.twins[1]))
        return Summons(group, call=named.call(line, event), role=role)

    async def answered(
        self, work: Work, event: MessageReceived, answer: bool, outside: Role = Role.MEMBER
    ) -> Summons | None:
        """The command that its asker has just confirmed, or a word that it is off or too late; None when none waits.

        What they may do is asked again, and whether the group still has the command. outside: what they may do by
        another right than a member's, such as a login of the console, which no group switches anything off for.
        """
        notes = NoteStore(work, CONFIRM, event.group, event.at)
        kept = await notes.get(event.sender.id)
        if kept is None:
            return None
        await notes.delete(event.sender.id)
        said = json.loads(kept)
        group, line = said["group"], self.registry.parse(said["line"])
        # What waited through an upgrade from before there was a limit is in time.
        in_time = "until" not in said or event.at < datetime.fromisoformat(said["until"])
        if not answer:
            return Summons(group, refusal=self._say(group, "called_off")) if in_time else None
        if line is None or (command := line.command) is None:
            return None
        name = command.said_in(self._language(group))
        role = max(outside, await self._role(work, group, event))
        if outside is Role.MEMBER:
            if group and not self.book.manages(group):
                return None
            line, was_off = _called_here(line, self._registry(group), self.registry)
            if was_off:
                return Summons(group, refusal=self._say(group, "off_meanwhile", name=name))
        if role < command.role:
            return Summons(group, refusal=self._say(group, "not_yours_meanwhile", name=name))
        if not in_time:
            return Summons(group, refusal=self._say(group, "too_late", name=name))
        roster = await self.cache.group(work, group) if group else {}
        call = find_named(line.rest, said["mentions"], roster).call(line, event)
        return Summons(group, call=replace(call, confirmed=True), role=role)

    def is_tired(self, event: MessageReceived, role: Role) -> bool:
        """Whether they have had their answers for now; else one more is counted. Those with a role always get one."""
        return role < Role.HELPER and not self.patience.spend(event.sender.id, event.at)

    def _line(self, event: MessageReceived, text: str) -> Line | None:
        text = text[:LONGEST_LINE]
        line = self.registry.parse(text)
        if line is not None or not (event.mentions_bot or not event.group):
            return line
        bare = re.sub(rf"[@＠]{re.escape(self.self_name)}[\s\u2005]*", "", text).strip() if self.self_name else text
        bare = re.sub(r"^[@＠]\S+[\s\u2005]+", "", bare) if event.mentions_bot else bare
        if (line := self.registry.parse(bare)) is not None:
            return line
        # Without a prefix it is rather talk: 介绍一下你们群 asks for nobody's introduction.
        guess = self.registry.parse(f"{self.registry.prefixes[0]}{bare}", glued=False)
        return guess if guess is not None and guess.command is not None and guess.command.bare else None

    async def _unmanaged(
        self, work: Work, group: str, line: Line, event: MessageReceived, role: Role
    ) -> Summons | None:
        """In a group we do not look after, only its keeper's (or former owner's) word to begin is heard."""
        was_enabled = self.book.pages[group].enabled is not None
        enough = Role.OWNER if was_enabled else Role.KEEPER
        if line.command is None or line.command.name != "启用" or role < enough:
            return None
        return Summons(group, call=await self.call(work, group, line, event), role=role)

    async def _target(self, work: Work, event: MessageReceived) -> tuple[str, str, str]:
        """In a private chat: the text without `在 某群`, the group meant, and what is unclear."""
        text = event.text.strip()
        mine = [g for g in self.book.managed() if await self._is_in(work, g, event.sender.id)]
        if event.sender.id in self.cache.keepers:
            mine = list(self.book.pages)
        naming = NAMING.fullmatch(text)
        if naming:
            wanted = normalise(naming[1])
            found = [g for g in mine if wanted in (g, normalise(self.book.pages[g].topic))]
            found = found or [g for g in mine if wanted in normalise(self.book.pages[g].topic)]
            if len(found) == 1:
                return naming[2], found[0], ""
            if not mine:
                return text, "", self._say("", "stranger")
            key = "which_group" if found else "no_group"
            return text, "", self._say("", key, names=self._topics(found or mine))
        line = self._line(event, text)
        if len(mine) > 1 and line is not None and line.command is not None and line.command.wide:
            return text, await self._highest(work, mine, event), ""
        if len(mine) == 1 or line is None or (line.command is not None and not line.command.needs_group):
            return text, mine[0] if len(mine) == 1 else "", ""
        return text, "", self._say("", "which_group", names=self._topics(mine)) if mine else ""

    def _registry(self, group: str) -> Registry:
        return self.commands_of(group) if self.commands_of is not None else self.registry

    async def _highest(self, work: Work, groups: Sequence[str], event: MessageReceived) -> str:
        """Where the asker may do most, for a command that is about many groups; "" when they are in none."""
        roles = {group: await self._role(work, group, event) for group in groups}
        return max(groups, key=lambda group: roles[group], default="")

    def _topics(self, groups: Sequence[str]) -> str:
        return "、".join(self.book.pages[group].topic or group for group in groups[:5])

    async def _role(self, work: Work, group: str, event: MessageReceived) -> Role:
        known = (await self.cache.group(work, group)).get(event.sender.id) if group else None
        keeper = Role.KEEPER if event.sender.id in self.cache.keepers else Role.MEMBER
        present = known.role if known is not None and known.present else Role.MEMBER
        return max(present, keeper, event.sender.role if event.group else Role.MEMBER)

    def _unknown(self, event: MessageReceived, group: str, line: Line, role: Role, registry: Registry) -> str:
        if not _MEANT.fullmatch(line.word):
            return ""
        near = registry.nearest(line.word, role)
        word = line.word.rstrip("!?,.~。…")
        about = {"word": word, "near": near.said_in(self._language(group))} if near else {"word": word}
        return self._once(event, "unknown", self._say(group, "unknown" if near else "unknown_far", **about))

    def _refused(self, event: MessageReceived, command: Command, group: str, role: Role) -> str:
        """The sentence that says no, "-" for a silent no, "" for yes."""
        if not group and not event.group and command.needs_group and command.plugin != "help" and role < Role.KEEPER:
            return self._once(event, "stranger", self._say(group, "stranger")) or "-"
        if role < command.role:
            return self._once(event, "role", self._not_theirs(command, group, role)) or "-"
        if not event.group and not command.private:
            return self._say(group, "only_group", name=command.said_in(self._language(group)))
        if event.group and not command.group:
            return self._say(group, "only_private", name=command.said_in(self._language(group)))
        key = (command.name, group, event.sender.id)
        last = self._used.get(key)
        if command.cooldown and role < Role.HELPER:
            if last is not None and event.at < last + command.cooldown:
                return "-"
            _remember(self._used, key, event.at)
        return ""

    def _not_theirs(self, command: Command, group: str, role: Role) -> str:
        """Whose command it is and, for a member, which of their own come next to it here."""
        language, here = self._language(group), self._registry(group).by_name
        name = command.said_in(language)
        if role >= Role.ADMIN:
            # An admin is not told that admins may.
            return self._say(group, "owner_only" if command.role <= Role.OWNER else "keeper_only", name=name)
        known = (here.get(normalise(other).lower()) for other in command.for_members)
        others = [f"/{one.said_in(language)}" for one in known if one is not None and one.role <= role]
        if not others:
            return self._say(group, "not_allowed", name=name)
        joined = ("、" if language == "zh-CN" else ", ").join(others)
        return self._say(group, "not_allowed_but", name=name, others=joined)

    def _once(self, event: MessageReceived, what: str, sentence: str) -> str:
        key = (what, event.sender.id)
        last = self._told.get(key)
        if last is not None and event.at < last + REPEAT:
            return ""
        _remember(self._told, key, event.at)
        return sentence

    def _say(self, group: str, key: str, **values: object) -> str:
        """In the group's language; in a private chat that names none, the installation's."""
        return fill(self.texts[self._language(group)][f"command.{key}"], values)

    def _language(self, group: str) -> str:
        return self.book.info(group).language

    async def call(self, work: Work, group: str, line: Line, event: MessageReceived) -> Call:
        """The call of a known command: who is named in it, and the rest. A name that several have is nobody's."""
        return (await self._named(work, group, line, event)).call(line, event)

    async def _named(self, work: Work, group: str, line: Line, event: MessageReceived) -> Named:
        return find_named(line.rest, event.mentions, await self.cache.group(work, group) if group else {})

    async def _is_in(self, work: Work, group: str, person: str) -> bool:
        known = (await self.cache.group(work, group)).get(person)
        return known is not None and known.present


def _called_here(line: Line, here: Registry, everywhere: Registry) -> tuple[Line, bool]:
    """The line as the group reads it, and whether it is a command that the group has switched off."""
    if here is everywhere:
        return line, False
    if line.command is None:
        return replace(line, command=here.by_name.get(line.word.lower())), False
    command = here.by_name.get(normalise(line.command.name).lower())
    return replace(line, command=command), command is None


def _remember(memory: dict[K, datetime], key: K, at: datetime) -> None:
    if len(memory) > 5000:
        memory.clear()
    memory[key] = at
