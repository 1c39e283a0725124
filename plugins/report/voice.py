"""Plugin: report: what one person's word weighs. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.context import Case, Profile

WHOLE = 100
_FOUNDED = frozenset({"removing", "removed", "failed", "paid"})
EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Tally:
    """How somebody's earlier reports were judged by the admins."""

    founded: int = 0
    unfounded: int = 0


def judged(cases: Iterable[Case]) -> Tally:
    """A case taken back was unfounded; one that an admin followed was founded; who left or nobody judged is neither."""
    founded = unfounded = 0
    for case in cases:
        unfounded += case.state == "undone"
        founded += case.state in _FOUNDED or (case.state == "closed" and case.note != EXPIRED)
    return Tally(founded, unfounded)


def weight(tally: Tally) -> int:
    """Hundredths of a voice: 100 until something was unfounded, then less and less; never more, never nothing."""
    right = 1 + tally.founded
    return max(1, WHOLE * right // (right + 2 * tally.unfounded))


def is_eligible(profile: Profile | None, days: float, *, member_days: int, messages: int) -> bool:
    """Whether somebody is here long enough to have a voice. days: since they joined, large when nobody knows."""
    return profile is not None and profile.present and days >= member_days and profile.message_count >= messages
