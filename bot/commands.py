"""Core: commands: what they are called, who may give them, and how a line becomes a call."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.errors import ConfigError
from bot.events import MessageReceived
from bot.model import Member, Role
from bot.text import normalise

_WORD = re.compile(r'"([^"]*)"|(\S+)')
_MENTION = re.compile(r"[@＠]([^\s@＠]+)[\s\u2005]?")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of one plugin; see Plugin.command for the fields."""

    name: str
    aliases: tuple[str, ...]
    plugin: str
    role: Role
    usage: str
    example: str
    help: str
    cooldown: timedelta = timedelta(0)
    private: bool = True
    group: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """A command as somebody gave it.

    text: what follows the name, normalised (half width, plain quotes), without the `@names`.
    members: who was named with @, in order. raw: what follows the name exactly as typed.
    """

    command: Command
    event: MessageReceived
    text: str
    raw: str
    members: tuple[Member, ...] = ()
    unknown: tuple[str, ...] = ()
    """Names after an @ that nobody here has."""

    @property
    def asker(self) -> Member:
        return self.event.sender

    @property
    def words(self) -> list[str]:
        """The text split at spaces; a quoted part is one word."""
        return [quoted or plain for quoted, plain in _WORD.findall(self.text)]


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was meant as a command: its first word and the rest; `command` None when nobody knows it."""

    command: Command | None
    word: str
    rest: str
    raw: str


@dataclass(slots=True)
class Registry:
    """Every command by every name. Building it refuses clashes."""

    commands: list[Command] = field(default_factory=list)
    by_name: dict[str, Command] = field(default_factory=dict)
    prefixes: str = "/／"

    @classmethod
    def of(cls, commands: Iterable[Command], prefixes: str = "/／") -> Registry:
        """Raises ConfigError naming both sides when two commands share a name."""
        registry = cls(prefixes=prefixes)
        problems: list[str] = []
        for command in commands:
            registry.commands.append(command)
            for name in (command.name, *command.aliases):
                key = normalise(name).lower()
                if key in registry.by_name:
                    other = registry.by_name[key]
                    problems.append(f"命令 /{name} 重名：{other.plugin} 与 {command.plugin} (command name clash)")
                registry.by_name[key] = command
        if problems:
            raise ConfigError(*problems)
        return registry

    def parse(self, text: str) -> Line | None:
        """The line as a command, or None when it has no prefix and so is ordinary talk.

        The name may be glued to what follows (`/签到！` no, `/抽奖 咖啡` yes, `/踢@小王` yes): the longest known name
        at the start wins when followed by a space, an @ or the end.
        """
        head = text.lstrip()[:1]
        if not head or head not in self.prefixes:
            return None
        raw = text.lstrip()[1:].strip()
        line = normalise(raw)
        if not line or line[0] in "/*":
            return None
        word = re.split(r"[\s@]", line, maxsplit=1)[0]
        command = self.by_name.get(word.lower())
        rest = line[len(word) :].strip()
        raw_word = re.split(r"[\s\u3000\u2005@＠]", raw, maxsplit=1)[0]
        return Line(command, word, rest, raw[len(raw_word) :].strip())

    def nearest(self, word: str, role: Role) -> Command | None:
        """The command somebody with `role` most likely meant, None when nothing is near."""
        known = {name: command for name, command in self.by_name.items() if command.role <= role}
        found = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.5)
        return known[found[0]] if found else None


def names_in(text: str) -> list[str]:
    """The names after each @ in a text, in order, without the bot's courtesy spaces."""
    return [m[1] for m in _MENTION.finditer(text)]


def without_names(text: str, names: Sequence[str]) -> str:
    """The text with each `@name` taken out, longest name first so that 小王 does not eat 小王子."""
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"[@＠]{re.escape(name)}[\s\u2005]?", " ", text, count=1)
    return " ".join(text.split())
