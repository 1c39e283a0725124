"""Plugin: what has been understood of an introduction so far, and how sure it is that it is one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from plugins.introduction.clause import job_in, place_in
from plugins.introduction.introduction import FIELDS, Introduction

_DECORATED = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]+$")
_VAGUE = re.compile(r"全职.+|.{0,4}(?:宝妈|宝爸|创业者|退休)|自由职业|小?(?:公司)?老板|一家.+公司")
"""True of many who also say what they really do."""


@dataclass(slots=True)
class Draft:
    """What has been understood so far, and how sure it is that somebody speaks about themselves."""

    values: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in FIELDS})
    name_weight: float = 0.0
    lives: bool = False
    greeted: bool = False
    intro: bool = False

    def put(self, slot: str, value: str, *, first: bool = False) -> None:
        tidy = _DECORATED.sub("", value).strip(" ，,。:：的哈～~!！")
        if tidy and tidy not in self.values[slot]:
            self.values[slot].insert(0 if first else len(self.values[slot]), tidy)

    def name(self, value: str, weight: float) -> None:
        if weight > self.name_weight:
            self.values["name"] = [value]
            self.name_weight = weight

    def place(self, value: str, lives: bool) -> None:
        """Where somebody lives counts more than where they come from; else the first place said."""
        if not self.values["region"] or (lives and not self.lives):
            self.values["region"] = [value]
            self.lives = lives

    def about(self, clause: str) -> None:
        """A place, an occupation, or both."""
        place, lives, rest = place_in(clause)
        if place:
            self.place(place, lives)
        if job := job_in(rest if place else clause) or (job_in(clause) if place and rest else ""):
            self.put("job", job, first=clause.startswith(("现", "目前", "如今")))

    @property
    def score(self) -> float:
        wishes = sum(bool(self.values[slot]) for slot in ("needs", "offers", "hobbies"))
        known = bool(self.values["region"]) + bool(self.values["job"]) + min(wishes, 2)
        return self.name_weight + known + 0.5 * self.greeted + 0.5 * self.intro

    def finished(self) -> Introduction:
        first = {slot: (self.values[slot] or [""])[0] for slot in ("name", "region")}
        first["job"] = next((job for job in self.values["job"] if not _VAGUE.fullmatch(job)), "")
        first["job"] = first["job"] or (self.values["job"] or [""])[0]
        rest = {slot: "；".join(self.values[slot][:3]) for slot in ("needs", "offers", "hobbies")}
        return Introduction(**first, **rest)
