"""Plugin: one line of what the judge knows, and the index that finds the few lines a message can match."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, cast

from bot.fold import Folded
from plugins.ad_guard.fold import spell
from plugins.ad_guard.heard import Reread

Family = Literal["contact", "offer", "call", "mild"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A phrase worth noticing.

    name: of the signal; several rules share one. weight: 0–1, how much it says on its own.
    keys: characters of which at least one stands in every match; a text without them is never searched.
    tight: whether it is searched for in the tight view (symbols between the characters gone).
    """

    name: str
    family: Family
    weight: float
    keys: frozenset[str]
    pattern: re.Pattern[str]
    tight: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule met: where in the original, and what stood there."""

    name: str
    family: Family
    weight: float
    start: int
    end: int
    detail: str
    hidden: bool = False
    """Whether symbols, emoji or look-alikes stood inside it."""
    heard: bool = False
    """Whether it is not written there but sounds so."""
    torn: bool = False
    """Whether it is the end of one clause and the beginning of the next: 能保。本来. Once that is an accident."""


def load(name: str) -> tuple[Rule, ...]:
    """The rules of one of this folder's tables. A line is `name weight keys pattern`, under its `[family]`."""
    found: list[Rule] = []
    family, tight = "offer", True
    for line in files("plugins.ad_guard").joinpath(name).read_text("utf-8").splitlines():
        if not line or line[0] == "#":
            continue
        if line[0] == "[":
            family, _, view = line.strip("[]").partition(" ")
            tight = view != "plain"
            continue
        signal, weight, keys, pattern = line.split(maxsplit=3)
        found.append(Rule(signal, cast("Family", family), float(weight), frozenset(keys), spell(pattern), tight))
    return tuple(found)


class Index:
    """Rules by key character: an ordinary message meets none and costs a set intersection."""

    __slots__ = ("_by_key", "_keys")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._by_key: dict[str, list[Rule]] = {}
        for rule in rules:
            for key in rule.keys:
                self._by_key.setdefault(key, []).append(rule)
        self._keys = frozenset(self._by_key)

    def candidates(self, characters: frozenset[str]) -> list[Rule]:
        """The rules that a text of these characters could match, each once, in a stable order."""
        found: dict[int, Rule] = {}
        for key in sorted(self._keys & characters):
            for rule in self._by_key[key]:
                found[id(rule)] = rule
        return list(found.values())


_EVASIVE = frozenset("薇徽溦嶶威卫围韦伟危喂魏芯欣馨伽咖珈茄迦佳嘉家架十√裙")
"""Characters that in a way to be reached stand for another: whoever writes 微信 so does not want to be found."""
_CLAUSE_END = re.compile(r"\s*[，。！？；、,.!?;\n]\s*")
_SHORT = 4
"""Letters of a word that two clauses can make by accident."""
_SPACED = re.compile(r"(?:[A-Za-z0-9]\s){3,}[A-Za-z0-9]")
_ORDINARY = frozenset(":：+,，.。、-_/；;!！?？（）()[]【】“”\"'")


def is_hidden(raw: str) -> bool:
    """Whether the original of a match hides what it says: emoji, symbols or zero-width signs inside, odd letters."""
    return any(_is_odd(c) for c in raw)


def _is_odd(character: str) -> bool:
    if character.isascii() or character in _ORDINARY or character.isspace():
        return False
    if not character.isalnum():
        return True
    return not ("\u3040" <= character <= "\u9fff" or "\uff10" <= character <= "\uff5a")


def find(rule: Rule, text: Folded) -> Hit | None:
    """The first match of a rule that is not torn, or else its first one, quoted from the original."""
    torn: Hit | None = None
    for found in rule.pattern.finditer(text.tight if rule.tight else text.plain):
        if found.start() == found.end():
            break
        met = hit(rule, text, found.start(), found.end())
        if not met.torn:
            return met
        torn = torn or met
    return torn


def without_accidents(hits: Sequence[Hit]) -> list[Hit]:
    """The hits without the torn ones, unless words are torn in several places: then somebody tears them."""
    if len({hit.end for hit in hits if hit.torn}) > 1:
        return list(hits)
    return [hit for hit in hits if not hit.torn]


def hit(rule: Rule, text: Folded, start: int, end: int) -> Hit:
    """A rule met between two positions of its view."""
    first, last = text.span(start, end, tight=rule.tight)
    raw = text.original[first:last]
    heard = rule.tight and isinstance(text, Reread) and text.is_other(start, end)
    hidden = heard or is_hidden(raw) or _is_evasive(rule, raw)
    torn = rule.tight and _is_torn(text.original, first, last)
    return Hit(rule.name, rule.family, rule.weight, first, last, raw, hidden, heard, torn)


def _is_torn(original: str, first: int, last: int) -> bool:
    """Whether one gap parts a short word, and the clauses on both sides go on: not so 兼，职 by itself."""
    within = original[first:last]
    if sum(map(str.isalnum, within)) > _SHORT or len(_CLAUSE_END.findall(within)) != 1:
        return False
    return original[first - 1 : first].isalnum() and original[last : last + 1].isalnum()


def _is_evasive(rule: Rule, raw: str) -> bool:
    return rule.family == "contact" and (not _EVASIVE.isdisjoint(raw) or _SPACED.search(raw) is not None)
