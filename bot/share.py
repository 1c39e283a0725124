"""Core: between which shares the true one lies, when only a few cases were counted."""

from __future__ import annotations

import math

_Z = 1.645
"""Of a two-sided interval of 90 %."""


def interval(found: int, cases: int) -> tuple[float, float]:
    """Lower and upper bound of the share that `found` of `cases` tells, 90 % sure (Wilson); of no case, 0 and 1."""
    if not cases:
        return 0.0, 1.0
    share, square = found / cases, _Z * _Z
    middle = share + square / (2 * cases)
    half = _Z * math.sqrt(share * (1 - share) / cases + square / (4 * cases * cases))
    return max(0.0, (middle - half) / (1 + square / cases)), min(1.0, (middle + half) / (1 + square / cases))
