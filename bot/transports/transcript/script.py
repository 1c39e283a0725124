"""Transport: the text of a `.chat` script → its lines, each with its place; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

from bot.transports.transcript import forms
from bot.transports.transcript.directives import DEFAULT_ADMIN, DEFAULT_OWNER, read_directive
from bot.transports.transcript.expectations import read_expectation
from bot.transports.transcript.inputs import read_input, without_comment
from bot.transports.transcript.lines import Can, Declare, Expects, Input, Line, Restarts, Set
from bot.transports.transcript.names import take_name
from bot.transports.transcript.place import Place, Stamp

_STAMP = re.compile(r"(?:\+([0-9]{1,4})d\s+)?([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(?:\s+|$)")
_GROUP = re.compile(r"\[([^\[\]\s]+)\](\s*)")
_BREAK = re.compile(r"\r\n|\n|\r")
LARGEST = 16 * 1024 * 1024
DEFAULT_GROUP = Declare("g1", "测试群", owner=DEFAULT_OWNER, admins=(DEFAULT_ADMIN,))


@dataclass(frozen=True, slots=True)
class Script:
    """A script as it was read.

    declared: whether it names its groups itself; if not, there is one, and everybody who speaks is in it.
    """

    file: str
    lines: tuple[Line, ...]
    groups: tuple[Declare, ...]
    declared: bool

    @property
    def first_group(self) -> str:
        return self.groups[0].id

    def first_settings(self) -> dict[str, object]:
        """The settings for all groups that stand before the first timed line, by `section.key`."""
        first = takewhile(lambda line: line.stamp is None, self.lines)
        facts = [line.fact for line in first]
        return {fact.key: fact.value for fact in facts if isinstance(fact, Set) and not fact.group}


def parse(source: bytes | str, file: str = "-") -> Script:
    """Read a whole script. Raises ScriptError, always with `file:line`, for anything that is not one."""
    reader = _Reader(file)
    for number, line in enumerate(_BREAK.split(_decode(source, file)), start=1):
        reader.read(Place(file, number), line.strip())
    return reader.script()


def _decode(source: bytes | str, file: str) -> str:
    if len(source) > LARGEST:
        raise Place(file, 1).error("脚本超过 16 MB", "the script is too large")
    if isinstance(source, bytes):
        try:
            text = source.decode("utf-8")
        except UnicodeDecodeError as error:
            place = Place(file, source.count(b"\n", 0, error.start) + 1)
            raise place.error("不是 UTF-8 文本，请另存为 UTF-8", "not UTF-8 text") from None
        return _decode(text, file)
    nul = source.find("\0")
    if nul >= 0:
        raise Place(file, source.count("\n", 0, nul) + 1).error("这不是文本文件", "not a text file")
    return source.removeprefix("\ufeff")


class _Reader:
    """Reads line after line and remembers which groups there are."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: list[Line] = []
        self.groups: dict[str, Declare] = {}
        self.declared = False
        self.settled = False
        self.unsettled: list[tuple[Place, str]] = []
        """Groups that directives named before the first timed line: they may be declared below them."""

    def read(self, place: Place, text: str) -> None:
        if not text or text.startswith("#"):
            return
        if text.startswith("@"):
            self._directive(place, text)
        else:
            self._timed(place, text)

    def script(self) -> Script:
        if not self.settled:
            last = self.lines[-1].place if self.lines else Place(self.file, 1)
            raise last.error(f"脚本里没有带时间的行，例：{forms.INPUTS[4]}", "the script has no timed line")
        return Script(self.file, tuple(self.lines), tuple(self.groups.values()), self.declared)

    def _directive(self, place: Place, text: str) -> None:
        directive = read_directive(place, text)
        group = ""
        if isinstance(directive, Declare):
            self._declare(place, directive)
            group = directive.id
        elif isinstance(directive, Set | Can) and directive.group:
            group = directive.group
            if self.settled:
                self._known(place, group)
            else:
                self.unsettled.append((place, group))
        self.lines.append(Line(place, text, directive, group=group))

    def _declare(self, place: Place, group: Declare) -> None:
        if group.id in self.groups:
            why = "" if self.declared else "；要改默认的群，请写在第一条带时间的行之前"
            raise place.error(f"群 {group.id[:40]} 已经有了{why}", "this group exists already")
        self.declared = self.declared or not self.settled
        self.groups[group.id] = group

    def _settle(self) -> None:
        """At the first timed line it is known whether the script has groups of its own."""
        self.settled = True
        if not self.groups:
            self.groups[DEFAULT_GROUP.id] = DEFAULT_GROUP
        for place, group in self.unsettled:
            self._known(place, group)

    def _known(self, place: Place, group: str) -> None:
        if group not in self.groups:
            near = forms.nearest_word(group, list(self.groups)) or next(iter(self.groups))
            raise place.error(f"没有叫 {group[:40]} 的群，最接近的是 {near}，群要先用 @group 写出来", "unknown group")

    def _timed(self, place: Place, text: str) -> None:
        stamp, rest = _stamp(place, text)
        if not self.settled:
            self._settle()
        group = next(iter(self.groups))
        found = _GROUP.match(rest)
        if found is not None and (found[2] or found[1] in self.groups):
            group, rest = found[1], rest[found.end() :]
            self._known(place, group)
        fact = _fact(place, rest)
        if isinstance(fact, Expects) and fact.group:
            self._known(place, fact.group)
        self.lines.append(Line(place, text, fact, stamp, group, rest))


def _fact(place: Place, text: str) -> Input | Expects:
    if not text:
        raise place.error(f"时间后面没有内容，例：{forms.INPUTS[4]}", "nothing follows the time")
    taken = take_name(text)
    if taken is None or taken[0] != "bot":
        return read_input(place, text)
    if without_comment(taken[1]).strip() == "restarts":
        return Restarts()
    return read_expectation(place, taken[1])


def _stamp(place: Place, text: str) -> tuple[Stamp, str]:
    found = _STAMP.match(text)
    if found is None:
        if re.match(r"\+?[0-9]+(d\s|[:：.])|[0-9]{3,4}\s", text):
            raise place.error(f"“{text[:20]}”开头的时间写得不对，应是 09:05、09:05:30 或 +2d 09:00", "not a time")
        near = forms.nearest(text, forms.INPUTS + forms.EXPECTATIONS)
        raise place.error(f"“{text[:40]}”前面要有时间，最接近的写法：{near}", "a line starts with its time")
    days, hour, minute = int(found[1] or 0), int(found[2]), int(found[3])
    second = None if found[4] is None else int(found[4])
    if hour > 23 or minute > 59 or (second or 0) > 59:
        raise place.error(f"没有 {found[0].strip()} 这个时间，应在 00:00 到 23:59:59 之间", "no such time of day")
    if found[1] is not None and not 1 <= days <= 3660:
        raise place.error(f"+{found[1]}d 应在 1 到 3660 天之间", "days to skip are out of range")
    return Stamp(hour, minute, second, days), text[found.end() :]
