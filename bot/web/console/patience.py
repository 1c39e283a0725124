"""Web: how often somebody may guess at the console's door before they have to wait, and how long."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

FREE_TRIES, LONGEST_WAIT = 5, timedelta(minutes=15)
REMEMBERED = 10_000


class TooSoon(Exception):
    """Another try only after so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(slots=True)
class Tries:
    """Tries at one door that did not succeed."""

    count: int = 0
    until: datetime | None = None


@dataclass(slots=True)
class Patience:
    """Counts tries in memory; the longest untouched are forgotten first."""

    _tries: OrderedDict[str, Tries] = field(default_factory=OrderedDict)

    def spend(self, doors: Collection[str], now: datetime) -> None:
        """One more try at all these doors. Raises TooSoon, and counts nothing, while one of them is shut."""
        shut = [tries.until for door in doors if (tries := self._tries.get(door)) and tries.until and now < tries.until]
        if shut:
            raise TooSoon(int((max(shut) - now).total_seconds()) + 1)
        for door in doors:
            tries = self._tries.setdefault(door, Tries())
            self._tries.move_to_end(door)
            tries.count += 1
            if tries.count >= FREE_TRIES:
                wait = timedelta(seconds=2 ** min(tries.count - FREE_TRIES, 20))
                tries.until = now + min(wait, LONGEST_WAIT)
        while len(self._tries) > REMEMBERED:
            self._tries.popitem(last=False)

    def forget(self, doors: Collection[str]) -> None:
        """Somebody came in."""
        for door in doors:
            self._tries.pop(door, None)


def network(address: str) -> str:
    """Whose address this is: of IPv6 the /64, because whoever has one address there has all of them."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.IPv6Network((found, 64), strict=False).network_address)
    return str(found)
