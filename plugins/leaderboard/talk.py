"""Plugin: what is talk: no commands, no floods; on the leaderboard no repetition, no crumbs, no night shift."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from bot.context import ArchivedMessage
from bot.model import Kind
from bot.text import normalise

_MINUTE = timedelta(minutes=1)
_HEAD = 300
"""Characters of a message that are folded to see whether it was said before; what follows must then be the same."""
_NO_LETTERS = re.compile(r"[\W_]+")
_SPOKEN = {Kind.TEXT, Kind.LINK, Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.FILE, Kind.RECORD, Kind.MINIPROGRAM}
"""Stickers, red packets and notes are company, not talk for a leaderboard."""


@dataclass(frozen=True, slots=True)
class Rules:
    """prefixes: what commands begin with; the rest as in the settings."""

    prefixes: str
    zone: tzinfo
    per_minute: int = 10
    shortest: int = 2
    night_until: int = 6


@dataclass(slots=True)
class Tally:
    """One member's messages: `said` are talk, `counted` of them count on the leaderboard."""

    said: int = 0
    counted: int = 0


def is_command(text: str, prefixes: str) -> bool:
    head = text.lstrip()[:1]
    return bool(head) and head in prefixes


def count(messages: Iterable[ArchivedMessage], rules: Rules) -> dict[str, Tally]:
    """Each member's messages of one local day, oldest first."""
    found: dict[str, Tally] = {}
    lately: dict[str, deque[float]] = {}
    known: set[tuple[str, str, int]] = set()
    for message in messages:
        if is_command(message.text, rules.prefixes):
            continue
        recent = lately.setdefault(message.sender_id, deque())
        at = message.at.timestamp()
        while recent and at - recent[0] >= _MINUTE.total_seconds():
            recent.popleft()
        recent.append(at)
        if len(recent) > rules.per_minute:
            continue
        tally = found.setdefault(message.sender_id, Tally())
        tally.said += 1
        if _counts(message, rules, known):
            tally.counted += 1
    return found


def _counts(message: ArchivedMessage, rules: Rules, known: set[tuple[str, str, int]]) -> bool:
    if message.kind not in _SPOKEN or message.at.astimezone(rules.zone).hour < rules.night_until:
        return False
    if message.kind != Kind.TEXT:
        return True
    head, rest = message.text[:_HEAD], message.text[_HEAD:]
    folded = _NO_LETTERS.sub("", normalise(head).lower())
    said = (message.sender_id, folded, hash(rest))
    if len(folded) < rules.shortest or said in known:
        return False
    known.add(said)
    return True
