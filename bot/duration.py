"""Core: durations as people write them: `3m`, `90s`, `1h30m`, `2天`, `3分钟`, `off`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from bot.number import read_number

UNITS: dict[str, float] = {
    "ms": 0.001,
    "s": 1,
    "sec": 1,
    "second": 1,
    "seconds": 1,
    "秒": 1,
    "秒钟": 1,
    "m": 60,
    "min": 60,
    "mins": 60,
    "minute": 60,
    "minutes": 60,
    "分": 60,
    "分钟": 60,
    "h": 3600,
    "hour": 3600,
    "hours": 3600,
    "小时": 3600,
    "个小时": 3600,
    "钟头": 3600,
    "d": 86400,
    "day": 86400,
    "days": 86400,
    "天": 86400,
    "日": 86400,
    "w": 604800,
    "week": 604800,
    "weeks": 604800,
    "周": 604800,
    "星期": 604800,
}
_LONG = UNITS | {"个月": 30 * 86400, "年": 365 * 86400}
"""A month has thirty days. Where times stand in running text these say too little to be read."""
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+|[\u4e00-\u9fff]+)")
_OFF = {"off", "关", "关闭", "never", "none"}
LONGEST = timedelta(days=3660)
_LONGEST_TEXT = 60
_SPOKEN = re.compile(r"半(?=个?小时|天|分|个月)|[零〇一二两三四五六七八九十百]+")


def parse_duration(text: str) -> timedelta:
    """`"1h30m"` → 90 minutes. Raises ValueError (with a sentence) for anything else or more than ten years."""
    # Cut off, because it may be a stranger's: in thousands of digits a unit is looked for behind each of them.
    compact = _SPOKEN.sub(_in_digits, text[:_LONGEST_TEXT].strip().lower().replace(" ", "").replace("半年", "6个月"))
    total, end = 0.0, 0
    for part in _PART.finditer(compact) if len(text) <= _LONGEST_TEXT else ():
        if part.start() != end or part[2] not in _LONG:
            break
        total, end = total + float(part[1]) * _LONG[part[2]], part.end()
    if not compact or end != len(compact):
        raise ValueError(f"“{text[:40]}”不是时长，请写成 3m、90s、1h30m 或 2d (not a duration)")
    if total > LONGEST.total_seconds():
        raise ValueError(f"时长 {text[:40]} 太长，最多十年 (too long)")
    return timedelta(seconds=total)


def _in_digits(found: re.Match[str]) -> str:
    """`三` as `3`, `半` as `0.5`; what is no number stays."""
    try:
        return "0.5" if found[0] == "半" else str(read_number(found[0]))
    except ValueError:
        return found[0]


def format_duration(value: timedelta) -> str:
    """The shortest form that `parse_duration` reads back."""
    seconds = value.total_seconds()
    if seconds and seconds % 1:
        return f"{round(seconds * 1000)}ms"
    left, parts = int(seconds), []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def say_duration(value: timedelta) -> str:
    """For the chat: `3 分钟`, `1 小时 30 分钟`, `2 天`."""
    left, parts = int(value.total_seconds()), []
    for unit, size in (("天", 86400), ("小时", 3600), ("分钟", 60), ("秒", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 秒"


def _read(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _read_or_off(value: object) -> object:
    if value is False or (isinstance(value, str) and value.strip().lower() in _OFF):
        return None
    return _read(value)


Duration = Annotated[timedelta, BeforeValidator(_read), PlainSerializer(format_duration, return_type=str)]
"""A settings field: a timedelta, written as `"3m"`."""

DurationOrOff = Annotated[
    timedelta | None,
    BeforeValidator(_read_or_off),
    PlainSerializer(lambda value: "off" if value is None else format_duration(value), return_type=str),
]
"""Like Duration; `"off"` reads as None."""
