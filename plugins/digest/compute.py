"""Plugin: digest: the thread's work: messages in as JSON, lines with their sources out as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.text import clean_text, clip
from plugins.digest.pick import Picked, Said, pick

LONGEST = 300
"""Characters of a message that are looked at; the rest of an essay says nothing more about the day."""
WIDTH = 60
KINDS = ("decisions", "announcements", "links", "files", "questions")


@dataclass(frozen=True, slots=True)
class Line:
    """A message as the digest shows it: local time, who, and its words, cut to a phone's width."""

    at: str
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest says. `topics`: word, count, people, line."""

    count: int = 0
    people: int = 0
    topics: tuple[tuple[str, int, int, Line], ...] = ()
    lines: dict[str, tuple[Line, ...]] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.topics and not any(self.lines.values())

    def dump(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> Digest:
        data = json.loads(text)
        return cls(
            count=data["count"],
            people=data["people"],
            topics=tuple((word, count, people, Line(**line)) for word, count, people, line in data["topics"]),
            lines={kind: tuple(Line(**line) for line in some) for kind, some in data["lines"].items()},
            words=tuple(data["words"]),
        )

    @property
    def sources(self) -> list[Line]:
        """Every message it stands on, in the order it is shown."""
        return [line for *_, line in self.topics] + [line for kind in KINDS for line in self.lines.get(kind, ())]


def summarise(argument: str) -> str:
    """The computation. In: count, people, days, history, and messages as [time, second, who, text, kind, rank]."""
    asked = json.loads(argument)
    rows: list[list[Any]] = asked["messages"]
    said = [Said(row[2], row[1], row[3][:LONGEST], row[4], row[5]) for row in rows]
    picked = pick(said, asked["history"], asked["days"])
    return _digest(rows, picked, asked["count"], asked["people"]).dump()


def _digest(rows: Sequence[list[Any]], picked: Picked, count: int, people: int) -> Digest:
    def line(n: int) -> Line:
        return Line(rows[n][0], rows[n][2], clip(clean_text(rows[n][3]), WIDTH))

    return Digest(
        count=count,
        people=people,
        topics=tuple((topic.word, topic.count, topic.people, line(topic.line)) for topic in picked.topics),
        lines={kind: tuple(line(n) for n in getattr(picked, kind)) for kind in KINDS},
        words=picked.words,
    )
