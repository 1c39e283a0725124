"""Plugin: prizes that are points: `50积分`, `五十积分`; they are paid with the draw."""

from __future__ import annotations

import re

from bot.number import NUMBER, read_number
from plugins.lottery.model import Tier

_POINTS = re.compile(rf"({NUMBER})\s*个?积分")
_LIKE_POINTS = re.compile(rf"[-+]?(?:[\d.,]+|{NUMBER})\s*个?积分")


def points_in(prize: str) -> int:
    """How many points a prize is, 0 for what is no points: `50积分` → 50."""
    found = _POINTS.fullmatch(prize)
    try:
        return read_number(found[1]) if found else 0
    except ValueError:
        return 0


def is_odd(prize: str, most: int) -> bool:
    """Whether a prize reads like points, but not from 1 to `most`: nobody would know what is won."""
    return _LIKE_POINTS.fullmatch(prize) is not None and not 1 <= points_in(prize) <= most


def expected(tiers: tuple[Tier, ...], tickets: int) -> float | None:
    """Points that one of so many equal tickets brings on average; None when a prize is worth nobody knows what."""
    values = [points_in(tier.prize) for tier in tiers]
    if not all(values) or tickets <= 0:
        return None
    return sum(value * tier.stock for value, tier in zip(values, tiers, strict=True)) / tickets
