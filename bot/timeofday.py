"""Core: a time of day as people write it: `08:00`, `8点半`, `晚上9点`, `明早8点`, `8:30 pm`."""

from __future__ import annotations

import re
import unicodedata
from datetime import time
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from bot.number import read_number

_OFF = {"", "off", "关", "关闭", "不发", "none", "never"}
_NUMBER = r"(\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"
_MINUTE = r"(\d{2}|[零〇一二两三四五六七八九十]{1,3})"
_PART = r"(凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|早|晚)?"
_TIME = re.compile(rf"{_PART}{_NUMBER}(?::|点|时)(?:(半)|(一刻)|(三刻)|(?:过|零)?{_MINUTE}分?|整|钟)?")
_DAY = re.compile(r"(今天|今日|明天|明日|后天|后日|[今明](?=[早晚]))")
_PART_APART = re.compile(rf"^{_PART}\s+(?=[\d零〇一二两三四五六七八九十])")
_ENGLISH_DAY = re.compile(r"^(today|tonight|tomorrow)\s+(?:at\s+)?(?=\d)", re.IGNORECASE)
_ENGLISH_CLOCK = re.compile(
    r"^(今晚)?(今天 |明天 )?(?:at\s+)?(0?[1-9]|1[0-2])(?::([0-5]\d))?\s*([ap])\.?m\b\.?", re.IGNORECASE
)
_IN_CHINESE = {"today": "今天 ", "tonight": "今晚", "tomorrow": "明天 "}
_DAYS = {"今": 0, "明": 1, "后": 2}
_AFTERNOON = {"下午", "傍晚", "晚上", "夜里", "晚"}
_NIGHT, _EARLY = {"晚上", "夜里", "晚"}, {"凌晨", "清晨", "早上", "早晨", "早"}
EXAMPLE = "08:00"


def parse_time(text: str) -> time:
    """The whole text as a time of day. Raises ValueError with a Chinese sentence for anything else."""
    plain = _plain(text)
    found = _TIME.fullmatch(plain)
    if not found:
        said = text.strip()[:20]
        raise ValueError(f"“{said}”不是一天里的时间，请写成 {EXAMPLE}、21:30 或 晚上9点 (not a time of day)")
    return _time_of(found)


def is_time(text: str) -> bool:
    """Whether the whole text is a time of day, possible or not."""
    return _TIME.fullmatch(_plain(text)) is not None


def split_time(text: str) -> tuple[int | None, time | None, str]:
    """A leading day and time cut off: `明早8点 交作业` → (1, 08:00, "交作业").

    The day counts from today and is None when not said; a time must stand apart from what follows, so that
    `8点前交作业` is all text. Raises ValueError for a time that cannot be, such as `25:00`.
    """
    rest = _from_english(text.strip())
    day: int | None = None
    said = _DAY.match(rest)
    if said:
        day, rest = _DAYS[said[1][0]], rest[said.end() :].strip()
    joined = _PART_APART.sub(lambda found: found[1] or "", rest)
    head = re.match(r"\S*?(?=[\s,，。;；]|$)", joined)
    if head and (found := _TIME.fullmatch(_plain(head[0]))):
        # 今晚12点 is the midnight that ends the day.
        ends_it = found[1] in _NIGHT and read_number(found[2]) == 12
        return None if day is None else day + ends_it, _time_of(found), joined[head.end() :].lstrip(" \t\n　,，。;；")
    if said and len(said[1]) == 1:
        # 今晚 without an hour of its own is no day to cut off: `今晚8点交作业` stays whole.
        return None, None, text.strip()
    return day, None, rest


def _from_english(text: str) -> str:
    """A leading `tonight 8pm`, `tomorrow at 8:30 pm`, `8pm` in the words that the rest here reads."""
    text = _ENGLISH_DAY.sub(lambda found: _IN_CHINESE[found[1].lower()], text)
    return _ENGLISH_CLOCK.sub(_on_the_clock, text)


def _on_the_clock(found: re.Match[str]) -> str:
    hour, afternoon = int(found[3]) % 12, found[5].lower() == "p"
    # Tonight's 12 am is 今晚12点, the midnight that ends the day.
    written = 12 if found[1] and hour == 0 and not afternoon else hour + 12 * afternoon
    return f"{found[1] or ''}{found[2] or ''}{written:02}:{found[4] or '00'}"


def _plain(text: str) -> str:
    text = _from_english(text.strip())
    return unicodedata.normalize("NFKC", text).replace("：", ":").replace(" ", "").strip()


def _time_of(found: re.Match[str]) -> time:
    part, hour, minute = found[1], read_number(found[2]), read_number(found[6]) if found[6] else 0
    minute = 30 if found[3] else 15 if found[4] else 45 if found[5] else minute
    if (part in _AFTERNOON and hour < 12) or (part == "中午" and hour < 3):
        hour += 12
    elif hour == 12 and part in _NIGHT | _EARLY:
        hour = 0
    if hour > 23 or minute > 59:
        raise ValueError(f"“{found[0]}”不在一天之内，时间从 00:00 到 23:59 (no such time)")
    return time(hour, minute)


def _read_or_off(value: object) -> object:
    if value is False or value is None or (isinstance(value, str) and value.strip().lower() in _OFF):
        return None
    if isinstance(value, time):
        return value
    if isinstance(value, str):
        return parse_time(value)
    raise ValueError(f'请写成 "{EXAMPLE}" 或 "off" (not a time of day)')


def _say(value: time | None) -> str:
    return "off" if value is None else f"{value:%H:%M}"


TimeOrOff = Annotated[time | None, BeforeValidator(_read_or_off), PlainSerializer(_say, return_type=str)]
"""A settings field: the local time of day, written as `"08:00"`; `"off"` reads as None."""
