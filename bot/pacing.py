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
    warm_up: how long after the account's first day its caps are lower, growing from a tenth to all of them.
    """

    gap: timedelta
    group_gap: timedelta
    jitter: timedelta
    per_minute: int
    per_day: int
    group_per_day: int = 0
    warm_up: timedelta = timedelta(0)


@dataclass(slots=True)
class Pacer:
    """Remembers the sends of the last day and says when the next is allowed.

    `slow_down` is the brake while the far side complains about too many sends: half the rate, and what nobody waits
    for stays where it is until the brake ends. since: when this account began to send.
    """

    pace: Pace
    random: Random
    since: datetime | None = None
    slow_until: datetime | None = None
    _slowed: timedelta = timedelta(0)
    _sent: deque[datetime] = field(default_factory=deque)
    _sent_in: dict[str, deque[datetime]] = field(default_factory=dict)
    _gap: timedelta = timedelta(0)

    def next_at(self, group: str, now: datetime, *, urgent: bool = False, awaited: bool = False) -> datetime:
        """The earliest moment for a send to `group`.

        An awaited one (an answer) keeps everything but the daily caps, an urgent one (a removal) only the minute's cap.
        """
        factor = 2 if self.is_slow(now) else 1
        mine = self._sent_in.get(group, ())
        when = now
        if factor > 1 and not urgent and not awaited:
            assert self.slow_until is not None
            when = self.slow_until
        if not urgent:
            if self._sent:
                when = max(when, self._sent[-1] + self._gap * factor)
            if mine:
                when = max(when, mine[-1] + self.pace.group_gap * factor)
        share = self._share(now)
        when = _after_cap(when, self._sent, _part(self.pace.per_minute, share / factor), MINUTE)
        if not urgent and not awaited:
            when = _after_cap(when, self._sent, _part(self.pace.per_day, share), DAY)
            when = _after_cap(when, mine, _part(self.pace.group_per_day, share), DAY)
        return when

    def is_slow(self, now: datetime) -> bool:
        """Whether the brake is on."""
        return self.slow_until is not None and now < self.slow_until

    def served_at(self, group: str) -> datetime | None:
        """When something was last sent to this group, within the last day."""
        mine = self._sent_in.get(group)
        return mine[-1] if mine else None

    def sent(self, group: str, now: datetime) -> None:
        """Note a send; call it for every attempt, the platform counts those too."""
        for kept in (self._sent, self._sent_in.setdefault(group, deque())):
            kept.append(now)
            while kept[0] <= now - DAY:
                kept.popleft()
        self._gap = self.pace.gap + self.pace.jitter * self.random.random()
        if len(self._sent_in) > 1000:
            self._sent_in = {name: kept for name, kept in self._sent_in.items() if kept[-1] > now - DAY}

    def slow_down(self, now: datetime, first: timedelta, longest: timedelta) -> bool:
        """Put the brake on for `first`, twice as long with each complaint in a row up to `longest`.

        A complaint within a brake's own length after its end is one in a row. Says whether the brake was off.
        """
        was_off = not self.is_slow(now)
        if was_off:
            calm = self.slow_until is None or now - self.slow_until > self._slowed
            self._slowed = first if calm else min(self._slowed * 2, longest)
        self.slow_until = now + self._slowed
        return was_off

    def _share(self, now: datetime) -> float:
        """How much of its caps the account may use while it is new."""
        if not self.pace.warm_up or self.since is None:
            return 1.0
        return min(1.0, max(0.1, (now - self.since) / self.pace.warm_up))


def _part(cap: int, share: float) -> int:
    """At least one; 0 stays no limit."""
    return max(1, int(cap * share)) if cap > 0 else 0


def _after_cap(when: datetime, sent: Sequence[datetime], cap: int, window: timedelta) -> datetime:
    return when if cap <= 0 or len(sent) < cap else max(when, sent[-cap] + window)
