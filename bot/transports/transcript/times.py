"""Transport: when each line of a script happens: its time of day → an instant; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.transports.transcript.lines import Day, Line, Set
from bot.transports.transcript.place import Stamp
from bot.transports.transcript.script import Script

FIRST_DAY = date(2026, 1, 5)
ZONE_KEY = "bot.timezone"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A line and its instant (aware UTC). A directive has the instant of the line before it."""

    line: Line
    at: datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """moments: all lines in order. start: just before the first of them; end: the last instant of the last minute."""

    moments: tuple[Moment, ...]
    start: datetime
    end: datetime


def minute_of(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def timeline(script: Script, zone: ZoneInfo) -> Timeline:
    """When everything happens; `zone` is where groups live whose zone the script does not set.

    Raises ScriptError for an unknown zone or a day that lies before the line above it.
    """
    teller = _Teller(zone)
    moments = [(line, teller.tell(line)) for line in script.lines]
    first = next(at for _, at in moments if at is not None)
    last = next(at for _, at in reversed(moments) if at is not None)
    start = first - timedelta(seconds=1)
    return Timeline(
        tuple(Moment(line, at or start) for line, at in moments),
        start,
        minute_of(last) + MINUTE - timedelta(milliseconds=1),
    )


class Zones:
    """Where each group lives, as far as the script has been read."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zones = {"": zone}

    def of(self, group: str) -> ZoneInfo:
        return self._zones.get(group, self._zones[""])

    def heed(self, line: Line) -> None:
        """Take in a line that may set a zone."""
        if isinstance(line.fact, Set) and line.fact.key == ZONE_KEY:
            if not line.fact.group:
                self._zones.clear()
            self._zones[line.fact.group] = _zone(line, line.fact.value)


class _Teller:
    """Goes through the lines and knows how far time has come."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zones = Zones(zone)
        self.day: tuple[Line, date] | None = None
        self.now: datetime | None = None

    def tell(self, line: Line) -> datetime | None:
        self.zones.heed(line)
        if isinstance(line.fact, Day):
            self.day = (line, line.fact.on)
        if line.stamp is not None:
            self.now = self._next(line, line.stamp).astimezone(UTC)
            self.day = None
        return self.now

    def _next(self, line: Line, stamp: Stamp) -> datetime:
        zone = self.zones.of(line.group)
        local = None if self.now is None else self.now.astimezone(zone)
        clock = time(stamp.hour, stamp.minute, stamp.second or 0)
        day = self.day[1] if self.day else local.date() if local else FIRST_DAY
        found = datetime.combine(day + timedelta(days=stamp.days), clock, zone)
        if self.now is None or local is None or found.astimezone(UTC) >= self.now:
            return found
        if stamp.second is None and found.replace(tzinfo=None) == minute_of(local).replace(tzinfo=None):
            return local
        if self.day is not None:
            place = self.day[0].place
            raise place.error(f"@day {day} 早于上一行的时间 {local:%Y-%m-%d %H:%M}", "the day lies in the past")
        return datetime.combine(found.date() + timedelta(days=1), clock, zone)


def _zone(line: Line, value: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (ValueError, OSError, LookupError):
        raise line.place.error(f"没有叫“{str(value)[:40]}”的时区，例：Asia/Shanghai", "unknown time zone") from None
