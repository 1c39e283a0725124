"""Core: how often one person is answered, so that nobody makes the bot spam by asking without end."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WITHIN = timedelta(minutes=1)
PEOPLE = 5000
"""So many are remembered; the one answered longest ago gives way."""


@dataclass(slots=True)
class Patience:
    """At most `limit` answers to one person in any minute, over all groups and private chats."""

    limit: int
    _answered: OrderedDict[str, deque[datetime]] = field(default_factory=OrderedDict)

    def spend(self, person: str, at: datetime) -> bool:
        """Whether one more answer may go to this person now; it is counted."""
        lately = self._answered.pop(person, None) or deque(maxlen=self.limit)
        allowed = len(lately) < self.limit or not timedelta(0) <= at - lately[0] < WITHIN
        if allowed:
            lately.append(at)
        self._answered[person] = lately
        if len(self._answered) > PEOPLE:
            self._answered.popitem(last=False)
        return allowed
