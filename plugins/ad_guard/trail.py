"""Plugin: the trail of what was sent lately, over all groups and in memory: who sent nearly the same. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from plugins.ad_guard.near import Shelf, Sketch

TEXTS = 1000
SIGHTINGS = 50


@dataclass(frozen=True, slots=True)
class Sighting:
    """Once that a text or picture was sent."""

    at: datetime
    group: str
    sender: str
    message: str


@dataclass(frozen=True, slots=True)
class Copies:
    """How often nearly the same was sent before this message, within the window.

    own: by the same sender in this group. own_groups: other groups in which the same sender sent it.
    others: other senders of this group. others_groups: other groups in which others sent it.
    """

    own: int = 0
    own_groups: int = 0
    others: int = 0
    others_groups: int = 0


NO_COPIES = Copies()


class Trail:
    """What was sent lately. Nothing of it is undone with an event, so a message is known by its id and counts once."""

    def __init__(self) -> None:
        self._shelf: Shelf[deque[Sighting]] = Shelf(TEXTS)

    def note(self, sketch: Sketch, now: Sighting, within: timedelta) -> Copies:
        """Remember a sighting; returns what was there before it."""
        found = self._shelf.get(sketch)
        if found is None:
            self._shelf.put(sketch, deque([now], maxlen=SIGHTINGS))
            return NO_COPIES
        sightings = found[0]
        before = [seen for seen in sightings if seen.message != now.message and seen.at > now.at - within]
        if len(before) < len(sightings):
            sightings.clear()
            sightings.extend(before)
        sightings.append(now)
        return _count(before, now) if before else NO_COPIES


def _count(before: list[Sighting], now: Sighting) -> Copies:
    own = [seen for seen in before if seen.sender == now.sender]
    others = [seen for seen in before if seen.sender != now.sender]
    return Copies(
        own=sum(seen.group == now.group for seen in own),
        own_groups=len({seen.group for seen in own} - {now.group}),
        others=len({seen.sender for seen in others if seen.group == now.group}),
        others_groups=len({seen.group for seen in others} - {now.group}),
    )
