"""Plugin: broadcast: which groups a line names before its text begins; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.text import normalise

EVERYTHING = ("全部", "所有群", "全部群", "all")
_GAP = re.compile(r"[\s、,，]*")
_WITHOUT = re.compile(r"(?:[-－]|除了?|不含|不发)\s*(?=\S)")
_PATTERN = re.compile(r"[^\s、,，]{0,30}[*?＊？][^\s、,，]{0,30}(?=[\s、,，]|$)")
_HASH = re.compile(r"[#＃]([^\s、,，#＃]{1,20})")
_END = re.compile(r"[\s、,，]|$")


class NoSuchTarget(ValueError):
    """A pattern or #tag that fits no group."""


@dataclass(frozen=True, slots=True)
class Order:
    """groups: those meant, in the order given. named: whether the line said which; else all are meant."""

    groups: tuple[str, ...]
    text: str
    named: bool


def read(raw: str, tags: Mapping[str, Sequence[str]], topics: Mapping[str, str]) -> Order:
    """`读书 -读书群 2 周六改期` → the groups tagged 读书 but one, and what follows the last name.

    tags: group ids by tag. topics: name by group id. A name may hold spaces: the longest that fits is taken.
    Raises NoSuchTarget.
    """
    chosen: dict[str, None] = {}
    left_out: set[str] = set()
    everything = named = False
    at = _gap(raw, 0)
    while at < len(raw):
        without = _WITHOUT.match(raw, at)
        found = _target(raw, without.end() if without else at, tags, topics)
        if found is None:
            break
        groups, at = found
        named = True
        if without:
            left_out.update(topics if groups is None else groups)
        elif groups is None:
            everything = True
        else:
            chosen |= dict.fromkeys(groups)
        at = _gap(raw, at)
    meant = topics if everything or not chosen else chosen
    return Order(tuple(group for group in meant if group not in left_out), raw[at:].strip(), named)


def _gap(raw: str, at: int) -> int:
    gap = _GAP.match(raw, at)
    return gap.end() if gap else at


def _target(
    raw: str, at: int, tags: Mapping[str, Sequence[str]], topics: Mapping[str, str]
) -> tuple[Sequence[str] | None, int] | None:
    """The groups named here (None: all of them) and where the name ends; None when no name stands here."""
    by_name: dict[str, Sequence[str] | None] = dict.fromkeys(EVERYTHING)
    for group, topic in topics.items():
        by_name[topic] = [*(by_name.get(topic) or ()), group]
    by_name |= tags
    quoted = raw[at] in '"“”'
    start = at + quoted
    for name in sorted(by_name, key=len, reverse=True):
        end = start + len(name)
        if name and normalise(raw[start:end]).lower() == normalise(name).lower():
            end += quoted and raw[end : end + 1] in ('"', "“", "”")
            if _END.match(raw, end):
                return by_name[name], end
    if (marked := _HASH.match(raw, at)) is not None:
        tag = next((tag for tag in tags if normalise(tag).lower() == normalise(marked[1]).lower()), None)
        if tag is None:
            raise NoSuchTarget(marked[0])
        return tags[tag], marked.end()
    if (pattern := _PATTERN.match(raw, at)) is not None:
        wanted = normalise(pattern[0]).lower()
        fitting = [group for group, topic in topics.items() if fnmatchcase(normalise(topic).lower(), wanted)]
        if not fitting:
            raise NoSuchTarget(pattern[0])
        return fitting, pattern.end()
    return None
