"""Plugin: what a sign-in is worth, and how an admin's `/加分` line reads; nothing here knows the chat."""

from __future__ import annotations

import re

from bot.number import NUMBER, read_number

_GRANT = re.compile(rf"(?P<sign>[+\-−–减扣加]?)\s*(?P<count>{NUMBER})\s*(?:积分|分)?(?:\s+(?P<reason>.+))?", re.DOTALL)
_MINUS = frozenset("-−–减扣")


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
