"""Plugin: wave_guard: counting: how many came in the last minute, and by whom; what a wave was like. Pure."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
KEPT = 1000
MOST_INVITERS = 50


@dataclass(slots=True)
class Lately:
    """Who came within the last minute: when, and by whom ("" when nobody knows), the latest last.

    Who leaves and comes again is one person, come when they came last.
    """

    joins: dict[str, tuple[datetime, str]] = field(default_factory=dict)

    def add(self, at: datetime, person: str, inviter: str) -> None:
        self.joins.pop(person, None)
        self.joins[person] = (at, inviter)
        while len(self.joins) > KEPT or self.began_at <= at - MINUTE:
            del self.joins[next(iter(self.joins))]

    @property
    def began_at(self) -> datetime:
        """When the first of them came."""
        return next(iter(self.joins.values()))[0]

    def exceeds(self, per_minute: int, per_inviter: int) -> bool:
        if len(self.joins) > per_minute:
            return True
        by = Counter(inviter for _, inviter in self.joins.values() if inviter)
        return bool(by) and max(by.values()) > per_inviter


@dataclass(slots=True)
class Wave:
    """A wave under way. before: whether newcomers were looked at strictly already when it began."""

    began_at: datetime
    before: bool
    count: int = 0
    by: Counter[str] = field(default_factory=Counter)

    def add(self, inviter: str) -> None:
        self.count += 1
        if inviter and (inviter in self.by or len(self.by) < MOST_INVITERS):
            self.by[inviter] += 1

    def written(self) -> str:
        kept = {"at": self.began_at.isoformat(), "before": self.before, "count": self.count, "by": dict(self.by)}
        return json.dumps(kept, ensure_ascii=False)


def read_wave(text: str) -> Wave:
    known = json.loads(text)
    began_at = datetime.fromisoformat(known["at"])
    return Wave(began_at, bool(known["before"]), int(known["count"]), Counter(known["by"]))
