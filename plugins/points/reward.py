"""Plugin: what a sign-in is worth, and how an admin's `/加分` line reads; nothing here knows the chat."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.number import NUMBER, read_number

_GRANT = re.compile(rf"(?P<sign>[+\-−–减扣加]?)\s*(?P<count>{NUMBER})\s*(?:积分|分)?(?:\s+(?P<reason>.+))?", re.DOTALL)
_MINUS = frozenset("-−–减扣")
_DATE = re.compile(r"(?:(\d{1,2})[/\-月.])?(\d{1,2})[日号]?")
_AGO = {"昨": 1, "前": 2, "大前": 3}


def checkin_reward(streak: int, base: int, every: int, bonus: int) -> tuple[int, int]:
    """Points for the `streak`-th day in a row, and how many more days until the next bonus (0: today).

    every: each how many days in a row the bonus is added; 0 never.
    """
    if every <= 0 or bonus <= 0:
        return base, 0
    left = -streak % every
    return (base + bonus if left == 0 else base), left


def read_grant(text: str) -> tuple[int, str]:
    """`"-5 迟到"` → (-5, "迟到"). `text` is normalised. Raises ValueError when it starts with no number."""
    found = _GRANT.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    points = read_number(found["count"])
    return (-points if found["sign"] in _MINUS else points), (found["reason"] or "").strip()


def read_day(text: str, today: date) -> date:
    """A day gone by as people name it: `昨天`, `1/4`, `1月4日`, `4号`. Raises ValueError for anything else."""
    plain = text.replace(" ", "")
    if plain[-1:] in ("天", "日") and plain[:-1] in _AGO:
        return today - timedelta(days=_AGO[plain[:-1]])
    if plain in ("今天", "今日"):
        return today
    found = _DATE.fullmatch(plain)
    if found is None:
        raise ValueError(text)
    if found[1] is None:
        day = today.replace(day=int(found[2]))
        return day if day <= today else (today.replace(day=1) - timedelta(days=1)).replace(day=int(found[2]))
    day = today.replace(month=int(found[1]), day=int(found[2]))
    return day if (day - today).days < 180 else day.replace(year=day.year - 1)
