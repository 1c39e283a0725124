"""Plugin: lessons: what admins pointed out or cleared, found again in near-copies. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from plugins.ad_guard.near import NEAR, VERY_NEAR, Shelf, Sketch

EVERYWHERE = ""
"""The group of a lesson that counts in all groups."""
MOST = 300
"""Lessons of one group, and of all groups."""
SHORTEST = 8
"""Characters left by folding; a shorter text is no lesson: 多少钱, 加我微信 and the like are everybody's words."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One thing an admin taught. is_ad: pointed out as an ad; else found harmless. sample: its first words."""

    no: int
    group: str
    is_ad: bool
    sketch: Sketch
    sample: str
    by_name: str
    at: datetime


class Lessons:
    """All lessons in force, by group."""

    def __init__(self, lessons: Iterable[Lesson] = ()) -> None:
        self._shelves: dict[str, Shelf[list[Lesson]]] = {}
        for lesson in lessons:
            self.add(lesson)

    def add(self, lesson: Lesson) -> None:
        shelf = self._shelves.setdefault(lesson.group, Shelf(MOST))
        known = shelf.get(lesson.sketch, 1.0)
        shelf.put(lesson.sketch, [*(known[0] if known else ()), lesson])

    def any_for(self, group: str) -> bool:
        """Whether a message of this group needs to be compared at all."""
        return group in self._shelves or EVERYWHERE in self._shelves

    def about(self, group: str, sketch: Sketch) -> Lesson | None:
        """The lesson about a near-copy of this, the group's own before one for all, the newest first.

        What was found harmless must be nearer than what was an ad: a new number under an old notice is a new message.
        """
        for place in (group, EVERYWHERE):
            shelf = self._shelves.get(place)
            found = shelf.get(sketch) if shelf is not None else None
            if found is not None:
                lesson = max(found[0], key=lambda each: each.no)
                if found[1] >= (NEAR if lesson.is_ad else VERY_NEAR):
                    return lesson
        return None
