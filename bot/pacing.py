"""Core: when the next send may go out, so that the account behaves like a person. Pure: time is given."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """Limits of one account. gap: least time between two sends; group_gap: the same within one group.

    jitter: up to this is added to a gap at random. 0 for per_minute, per_day or group_per_day means no limit.
    """

    gap: timedelta
    group_gap: timedelta
    jitter: timedelta
    per_minute: int
    per_day: int
    group_per_day: int = 0


@dataclass(slots=True)
class Pacer:
    """Remembers the sends of the last day and says when the next is allowed.

    `slow_down` halves the rate while the far side complains about too many sends.
    """

    pace: Pace
    random: Random
    slow_until: datetime | None = None
    _sent: deque[datetime] = field(default_factory=deque)
    _sent_in: dict[str, deque[datetime]] = field(default_factory=dict)
    _gap: timedelta = timedelta(0)

    def next_at(self, group: str, now: datetime, *, urgent: bool = False, awaited: bool = False) -> datetime:
        """The earliest moment for a send to `group`.

        An awaited one (an answer) keeps everything but the daily caps, an urgent one (a removal) only the minute's cap.
        """
        factor = 2 if self.slow_until is not None and now < self.slow_until else 1
        mine = self._sent_in.get(group, ())
        when = now
        if not urgent:
            if self._sent:
                when = max(when, self._sent[-1] + self._gap * factor)
            if mine:
                when = max(when, mine[-1] + self.pace.group_gap * factor)
        when = _after_cap(when, self._sent, self.pace.per_minute // factor or self.pace.per_minute, MINUTE)
        if not urgent and not awaited:
            when = _after_cap(when, self._sent, self.pace.per_day, DAY)
            when = _after_cap(when, mine, self.pace.group_per_day, DAY)
        return when

    def sent(self, group: str, now: datetime) -> None:
        """Note a send; call it for every attempt, the platform counts those too."""
        for kept in (self._sent, self._sent_in.setdefault(group, deque())):
            kept.append(now)
            while kept[0] <= now - DAY:
                kept.popleft()
        self._gap = self.pace.gap + self.pace.jitter * self.random.random()
        if len(self._sent_in) > 1000:
            self._sent_in = {name: kept for name, kept in self._sent_in.items() if kept[-1] > now - DAY}

    def slow_down(self, now: datetime, lasting: timedelta) -> None:
        self.slow_until = now + lasting


def _after_cap(when: datetime, sent: Sequence[datetime], cap: int, window: timedelta) -> datetime:
    return when if cap <= 0 or len(sent) < cap else max(when, sent[-cap] + window)
