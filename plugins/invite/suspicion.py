"""Plugin: does a batch of newcomers look bought: came at once, never speak, leave together, are named alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

TOGETHER = timedelta(hours=1)
WEIGHTS = {"burst": 30, "silent": 30, "left": 40, "alike": 20}
"""Points of suspicion; what comes at once and never speaks already has sixty."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What a batch is judged by."""

    name: str
    joined_at: datetime
    spoke: bool
    left_at: datetime | None = None


def marks(batch: Sequence[Newcomer], burst: int) -> list[str]:
    """What speaks against the batch, by the keys of WEIGHTS. Fewer than `burst` people are never a batch."""
    if burst <= 0 or len(batch) < burst:
        return []
    found = ["burst"]
    if sum(not one.spoke for one in batch) >= 0.8 * len(batch):
        found.append("silent")
    if _left_together([one.left_at for one in batch if one.left_at is not None]) >= max(3, 0.5 * len(batch)):
        found.append("left")
    patterns = Counter(_pattern(one.name) for one in batch)
    if patterns.most_common(1)[0][1] >= 0.6 * len(batch):
        found.append("alike")
    return found


def score(found: Sequence[str]) -> int:
    return sum(WEIGHTS[mark] for mark in found)


def _left_together(times: Sequence[datetime]) -> int:
    """The most who left within an hour."""
    ordered = sorted(times)
    return max((sum(start <= at <= start + TOGETHER for at in ordered) for start in ordered), default=0)


def _pattern(name: str) -> str:
    """A name's form: 用户8821 and 用户1903 are alike, 小陈 and 老王 are not."""
    return re.sub(r"\d+", "0", name) if re.search(r"\d", name) else name
