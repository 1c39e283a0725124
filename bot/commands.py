"""Core: commands: what they are called, who may give them, and how a line becomes a call."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.errors import ConfigError
from bot.events import MessageReceived
from bot.fold import fold
from bot.model import Member, Role
from bot.text import normalise

LONGEST_LINE = 4000
"""Characters of a message that are read as a command; the longest text an admin may set has half of that."""
CONFIRM = "confirm"
"""Under this name notes keep what a 确认 would set going."""
CONFIRM_WITHIN = timedelta(seconds=60)
CONFIRM_TOLD = timedelta(minutes=5)
"""So long after a preview who says 确认 too late is told so; later it is only a word."""
LONGEST_YES = 50
_ANSWER = re.compile(
    r"(?:@\S{1,40}\s+)?(?:[^\w@]?(?P<yes>确认|確認|确定|確定|confirm)|"
    r"(?:取消|算了|先?不|不[要用做发]|不确[认定]|no|cancel)[了吧]?)[\s!.~。…]*",
    re.IGNORECASE,
)
_ANSWERS_BEGIN = frozenset("确確取算先不")
_WORD = re.compile(r'"([^"]*)"|(\S+)')
_MARKS = " !?,.;:~…、。"
"""Marks that end a sentence, here a command's name."""

ON = frozenset({"开", "开启", "打开", "恢复", "启用", "on"})
OFF = frozenset({"关", "关闭", "关掉", "停", "停止", "暂停", "off"})
"""How admins say that something shall be, or not."""
_VERB = re.compile(r"(加|添加|增加)\s*[:：]\s*(?=\S)|(删|删除|删掉)\s*[:：]?\s*(?=[#＃]?\d{1,6}$)")
"""The word that says what to do, typed in one with what it is about: `删1`, `加：…`."""
_APART = " \t,，:：、\u2005\u3000"
"""What may stand between a name and what follows it."""
_LONGEST_NAME = 8
_SAID_AFTER = re.compile(r"[\w,:、\"+#]")
"""How what follows a name without a space begins; `/积分/排行` is no command."""
_ASKS = re.compile(r"[?？]|吗$|怎么|什么|哪|咋|为啥|如何|多少")
"""Somebody asks about a command rather than gives it."""


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
    personal: bool = False
    wide: bool = False
    bare: bool = True
    for_members: tuple[str, ...] = ()
    shown: str = ""
    """What the group calls it, where it was renamed."""

    @property
    def title(self) -> str:
        """The name to show."""
        return self.shown or self.name

    def said_in(self, language: str) -> str:
        """The name to show in a language: the group's own; in English the Latin one, if there is one."""
        latin = (alias for alias in self.aliases if alias.isascii())
        return self.title if self.shown or language == "zh-CN" else next(latin, self.name)

    @property
    def needs_group(self) -> bool:
        """Whether it is about one group, which a private chat must be clear about."""
        return self.group and not self.personal


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
    confirmed: bool = False
    """Whether the asker has seen what will come of it and said 确认; see `Context.ask_first`."""

    @property
    def asker(self) -> Member:
        return self.event.sender

    @property
    def words(self) -> list[str]:
        """The text split at spaces; a quoted part is one word."""
        return [quoted or plain for quoted, plain in _WORD.findall(self.text)]


def _spaced(rest: str) -> str:
    """What follows a name, its first verb apart from what that is about."""
    plain = rest.lstrip(_APART).rstrip()
    if found := _VERB.match(plain):
        return f"{found[1] or found[2]} {plain[found.end() :]}"
    return plain


def answer_in(text: str) -> bool | None:
    """What it says to a previewed command: yes, no, or nothing (None)."""
    # Nearly all talk is done with here: folding the rest costs ten times as much.
    if len(text) > LONGEST_YES or ("\u4e00" <= text[:1] <= "\u9fff" and text[0] not in _ANSWERS_BEGIN):
        return None
    found = _ANSWER.fullmatch(normalise(text))
    return None if found is None else found["yes"] is not None


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
    off: list[Command] = field(default_factory=list)
    """What the group has switched off."""

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

    def adapted(self, renamed: Iterable[str], off: Iterable[str]) -> Registry:
        """The same for a group: `抽奖=抽个奖` gives a command one more name, those in `off` are left out.

        What is about the asker's own data cannot be left out. What does not fit (a plugin that is gone, a name taken
        since) is passed over.
        """
        names = dict(pair.split("=", 1) for pair in renamed if "=" in pair)
        gone = frozenset(off)
        mine = [
            replace(command, shown=names[command.name]) if command.name in names else command
            for command in self.commands
            if command.name not in gone or command.personal
        ]
        by_name: dict[str, Command] = {}
        for command in mine:
            by_name |= {normalise(name).lower(): command for name in (command.name, *command.aliases)}
        for command in mine:
            if command.shown:
                by_name.setdefault(normalise(command.shown).lower(), command)
        left_out = [one for one in self.commands if one.name in gone and not one.personal]
        return Registry(mine, by_name, self.prefixes, left_out)

    def parse(self, text: str, *, glued: bool = True) -> Line | None:
        """The line as a command, or None when it has no prefix and so is ordinary talk.

        The name ends at a space, an @ or the end (`/抽奖 咖啡`, `/踢@小王`). What people type without thinking is
        forgiven: a mark at its end (`/签到！`), traditional characters (`/簽到`) and, unless `glued` is False, no space
        after a Chinese name (`/定时列表`).
        """
        head = text.lstrip()[:1]
        if not head or head not in self.prefixes:
            return None
        raw = text.lstrip()[1:LONGEST_LINE].strip()
        line = normalise(raw)
        if not line or line[0] in "/*":
            return None
        word = re.split(r"[\s@]", line, maxsplit=1)[0]
        command = self.by_name.get(word.lower()) or self.by_name.get(fold(word[:40]).rstrip(_MARKS))
        if command is None and glued and (end := self._glued(word, raw)):
            head = word[:end]
            command = self.by_name.get(head.lower()) or self.by_name[fold(head)]
            return Line(command, head, _spaced(line[end:]), _spaced(raw[end:]))
        rest = line[len(word) :].strip()
        raw_word = re.split(r"[\s\u3000\u2005@＠]", raw, maxsplit=1)[0]
        return Line(command, word, _spaced(rest), _spaced(raw[len(raw_word) :]))

    def _glued(self, word: str, raw: str) -> int:
        """Where the longest known name that begins the word ends; 0 when there is none, or a question follows."""
        for end in range(min(len(word) - 1, _LONGEST_NAME), 0, -1):
            head = word[:end]
            command = self.by_name.get(head.lower()) or self.by_name.get(fold(head))
            if command is None or head.isascii() or not raw.startswith(head):
                continue
            if (end == 1 and command.role > Role.MEMBER) or not _SAID_AFTER.match(word, end):
                continue
            return 0 if _ASKS.search(word, end) else end
        return 0

    def nearest(self, word: str, role: Role) -> Command | None:
        """The command somebody with `role` most likely meant, None when nothing is near."""
        known = {name: command for name, command in self.by_name.items() if command.role <= role}
        folded = fold(word[:40]).rstrip(_MARKS)
        begun = [name for name in known if len(name) > 1 and not name.isascii() and folded.startswith(name)]
        # Of two 汉字 one may be wrong; of a Latin word at most a letter or two.
        found = begun or difflib.get_close_matches(folded, known, n=1, cutoff=0.75 if folded.isascii() else 0.5)
        return known[max(found, key=len)] if found else None
