"""Engine room: who is named in a line, by what the platform says was chosen or by the names people have."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from bot.commands import Call, Line
from bot.events import MessageReceived
from bot.model import Member
from bot.storage.known import Known
from bot.text import normalise

MOST_NAMED = 50
"""Names after an @ that are looked up in one line; what follows them stays text."""
_BOUNDARY = re.compile(r"\w")
_APART = ",:、 "
"""What people put between a name and what they say of it."""
_WORD = re.compile(r"[^\s@]{1,100}")


@dataclass(frozen=True, slots=True)
class Named:
    """Who is named in a line, the line without their names, and the names nobody has.

    twins: a name that several have, and how many, when nothing says which of them is meant.
    """

    members: tuple[Member, ...]
    text: str
    unknown: tuple[str, ...] = ()
    twins: tuple[str, int] | None = None

    def call(self, line: Line, event: MessageReceived) -> Call:
        assert line.command is not None
        unknown = (*self.unknown, self.twins[0]) if self.twins else self.unknown
        return Call(line.command, event, self.text, line.raw, self.members, unknown)


def find_named(text: str, mentions: Sequence[str], roster: Mapping[str, Known]) -> Named:
    """Who is meant by the @names in a normalised text. Where the platform says who was chosen, that stands.

    A name alone must have one bearer: whoever calls themselves like somebody else shall not have them removed.
    """
    if "@" not in text and not mentions:
        return Named((), text)
    by_name: dict[str, list[str]] = {}
    for member_id, known in roster.items():
        if known.present and (name := normalise(known.name)):
            by_name.setdefault(name, []).append(member_id)
    longest_first = sorted({len(name) for name in by_name}, reverse=True)
    chosen_names = sorted(
        {normalise(roster[who].name) for who in mentions if who in roster} - {""}, key=len, reverse=True
    )
    found: dict[str, None] = {}
    unknown: list[str] = []
    twins: tuple[str, int] | None = None
    rest: list[str] = []
    start = 0
    for at in _at_signs(text):
        if at < start:
            continue
        # Of 小王 and somebody who calls himself "小王 7天", the one who was picked.
        typed = _whole_name_at(text, at + 1, chosen_names, longest_first)
        typed = typed or _typed_at(text, at + 1, by_name, longest_first)
        if typed not in by_name:
            # What is glued to the name of who was picked is no part of it (`@小李刷屏`).
            typed = next((name for name in chosen_names if typed.startswith(name)), typed)
        if not typed:
            continue
        bearers = by_name.get(typed, [])
        chosen = [who for who in bearers if who in mentions] or bearers
        if len(chosen) > 1:
            twins = typed, len(chosen)
        elif chosen:
            found[chosen[0]] = None
        else:
            unknown.append(typed)
        rest.append(text[start:at])
        start = at + 1 + len(typed)
    picked = dict.fromkeys(who for who in mentions if who in roster)
    if len(picked) >= len(found) + len(unknown) + (twins is not None):
        # The platform may call them by another name than the one we know.
        found, unknown, twins = picked, [], None
    members = tuple(Member(each, roster[each].name, roster[each].role) for each in {**found, **picked})
    return Named(members, " ".join(" ".join((*rest, text[start:])).split()).lstrip(_APART), tuple(unknown), twins)


def _at_signs(text: str) -> list[int]:
    found: list[int] = []
    at = text.find("@")
    while at >= 0 and len(found) < MOST_NAMED:
        found.append(at)
        at = text.find("@", at + 1)
    return found


def _typed_at(text: str, start: int, names: Container[str], lengths: Sequence[int]) -> str:
    """The longest name that stands there whole (小王子 is not 小王), else the word there, which nobody is called."""
    if name := _whole_name_at(text, start, names, lengths):
        return name
    word = _WORD.match(text, start)
    return word[0] if word is not None else ""


def _whole_name_at(text: str, start: int, names: Container[str], lengths: Sequence[int]) -> str:
    for length in lengths:
        name = text[start : start + length]
        if len(name) == length and name in names and not _BOUNDARY.match(text, start + length):
            return name
    return ""
