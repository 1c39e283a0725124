"""Core: a setting's value as one would type it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from enum import Enum

from bot.duration import format_duration
from bot.text import clip

LONGEST = 80


def say(value: object) -> str:
    """At most eighty characters, on one line."""
    match value:
        case None:
            return "off"
        case bool():
            return "开" if value else "关"
        case timedelta():
            return format_duration(value)
        case time():
            return f"{value:%H:%M}"
        case Enum():
            return str(value.value)
        case Mapping():
            return clip("、".join(f"{say(key)}={say(item)}" for key, item in value.items()) or "（空）", LONGEST)
        case tuple() | list() | frozenset() | set():
            return clip("、".join(say(item) for item in value) or "（空）", LONGEST)
        case "":
            return "（空）"
        case _:
            return clip(str(value), LONGEST)
