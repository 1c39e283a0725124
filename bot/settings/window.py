"""Core: a window of the day such as `23:00-07:00`, as a settings field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated

from pydantic import BeforeValidator, InstanceOf, PlainSerializer

_FORM = re.compile(r"\s*(\d{1,2})[:：](\d{2})\s*[-–—~～至到]\s*(\d{1,2})[:：](\d{2})\s*")
_OFF = {"", "off", "关", "关闭", "none", "never"}


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` up to but without `end`, local times of day; over midnight when `end` is earlier."""

    start: time
    end: time

    def contains(self, moment: time) -> bool:
        plain = moment.replace(tzinfo=None)
        if self.start <= self.end:
            return self.start <= plain < self.end
        return plain >= self.start or plain < self.end

    def ends_after(self, local: datetime) -> datetime:
        """The first moment at or after `local` (aware, in the group's zone) that lies outside the window."""
        if not self.contains(local.time()):
            return local
        end = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        return end if end > local else end + timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def parse_window(text: str) -> Window:
    """`"23:00-07:00"` → Window. Raises ValueError with a sentence for anything else."""
    found = _FORM.fullmatch(text)
    if found:
        hours, minutes = (int(found[1]), int(found[3])), (int(found[2]), int(found[4]))
        if max(hours) < 24 and max(minutes) < 60 and (hours[0], minutes[0]) != (hours[1], minutes[1]):
            return Window(time(hours[0], minutes[0]), time(hours[1], minutes[1]))
    raise ValueError(f"“{text[:40]}”不是时段，请写成 23:00-07:00 或 off (not a window of the day)")


def _read_or_off(value: object) -> object:
    if value is False or (isinstance(value, str) and value.strip().lower() in _OFF):
        return None
    if isinstance(value, Window) or value is None:
        return value
    if isinstance(value, str):
        return parse_window(value)
    raise ValueError("请写成 23:00-07:00 或 off (not a window of the day)")


WindowOrOff = Annotated[
    InstanceOf[Window] | None,
    BeforeValidator(_read_or_off),
    PlainSerializer(lambda value: "off" if value is None else str(value), return_type=str),
]
"""A settings field: a Window, written as `"23:00-07:00"`; `"off"` reads as None."""
