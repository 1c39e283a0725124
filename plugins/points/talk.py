"""Plugin: which messages of a day are worth points: said by a person, by day, with something in them, once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.fold import fold

DISTINCT = 3
"""哈哈哈哈 is one sign, however often it stands there."""
COPIES = 3
"""A sentence that so many have said that day is a chain nobody thinks about (收到, +1, 恭喜)."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message. `at` is local."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Worth:
    """When a message counts. night: not between these local times, None when every hour counts."""

    shortest: int = 4
    gap: timedelta = timedelta(minutes=1)
    night: tuple[time, time] | None = (time(0), time(6))

    def is_night(self, at: datetime) -> bool:
        if self.night is None or self.night[0] == self.night[1]:
            return False
        start, end = self.night
        now = at.time().replace(tzinfo=None)
        return start <= now < end if start < end else now >= start or now < end


def core(text: str) -> str:
    """What remains of a message without digits, marks, smileys and doubled signs: 好的1！ and 好的2 are the same."""
    letters = [char for char in fold(text) if char.isalpha()]
    return "".join(char for place, char in enumerate(letters) if place == 0 or char != letters[place - 1])


def counted(said: Iterable[Said], worth: Worth) -> Counter[str]:
    """How many messages of each person count, out of one day's, oldest first."""
    found: Counter[str] = Counter()
    last: dict[str, datetime] = {}
    by_text: defaultdict[str, set[str]] = defaultdict(set)
    for one in said:
        text = core(one.text)
        if len(text) < worth.shortest or len(set(text)) < DISTINCT or worth.is_night(one.at):
            continue
        said_by = by_text[text]
        again, copied = one.by in said_by, len(said_by) >= COPIES
        said_by.add(one.by)
        if again or copied or (one.by in last and one.at - last[one.by] < worth.gap):
            continue
        last[one.by] = one.at
        found[one.by] += 1
    return found
