"""Core: when the next send may go out, so that the account behaves like a person. Pure: time is given."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """Limits of one account. gap: least time between two sends; group_gap: the same within one group.

    jitter: up to this is added to a gap at random. 0 for per_minute or per_day means no limit.
    """

    gap: timedelta
    group_gap: timedelta
    jitter: timedelta
    per_minute: int
    per_day: int


@dataclass(slots=True)
class Pacer:
    """Remembers the sends of the last day and says when the next is allowed.

    `slow` halves the rate while the far side complains about too many sends.
    """

    pace: Pace
    random: Random
    slow_until: datetime | None = None
    _sent: deque[datetime] = field(default_factory=deque)
    _last: datetime | None = None
    _last_in: dict[str, datetime] = field(default_factory=dict)
    _gap: timedelta = timedelta(0)

    def next_at(self, group: str, now: datetime, *, urgent: bool = False) -> datetime:
        """The earliest moment for a send to `group`; an urgent one (a removal) keeps only the daily and minute caps."""
        factor = 2 if self.slow_until is not None and now < self.slow_until else 1
        when = now
        if not urgent:
            if self._last is not None:
                when = max(when, self._last + self._gap * factor)
            if (last := self._last_in.get(group)) is not None:
                when = max(when, last + self.pace.group_gap * factor)
        when = self._after_cap(when, self.pace.per_minute // factor or self.pace.per_minute, MINUTE)
        return self._after_cap(when, self.pace.per_day, DAY)

    def sent(self, group: str, now: datetime) -> None:
        """Note a send; call it for every attempt, the platform counts those too."""
        self._sent.append(now)
        while self._sent and self._sent[0] <= now - DAY:
            self._sent.popleft()
        self._last = self._last_in[group] = now
        self._gap = self.pace.gap + self.pace.jitter * self.random.random()
        if len(self._last_in) > 1000:
            self._last_in = {group: now}

    def slow_down(self, now: datetime, lasting: timedelta) -> None:
        self.slow_until = now + lasting

    def _after_cap(self, when: datetime, cap: int, window: timedelta) -> datetime:
        if cap <= 0 or len(self._sent) < cap:
            return when
        return max(when, self._sent[-cap] + window)
