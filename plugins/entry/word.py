"""Plugin: entry: whether somebody said the word. Pure; width, case, signs and spaces do not matter."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.fold import fold, tighten

LONGEST = 60
"""Characters; whoever writes more tells something else."""
LONGEST_DECISION = 200
_BEGINS = re.compile(r"\s{0,9}[^\w@]?(?:通过|同意|拒绝|pass|refuse)", re.IGNORECASE)
_PAID = re.compile(r"已经?(?:付|转|支付|交)|(?:付|转账?|支付|交)(?:款|费|钱)?(?:了|好|完|过)")
_DECIDED = re.compile(
    r"[^\w@]?(通过|同意|拒绝|pass|refuse)[\s:：,，。]*[eEＥｅ]\s?(\d{1,9})(?:[\s:：,，。]+(.+))?",
    re.IGNORECASE | re.DOTALL,
)


def core(text: str) -> str:
    """What is compared: letters and digits, folded."""
    return tighten(fold(text))


def says(text: str, words: Iterable[str]) -> bool:
    """Whether one of the words stands in a short text."""
    if len(text) > LONGEST:
        return False
    said = core(text)
    return any(meant in said for word in words if (meant := core(word)))


def says_paid(text: str) -> bool:
    return len(text) <= LONGEST and _PAID.search(core(text)) is not None


def read_decision(text: str) -> tuple[bool, int, str] | None:
    """`通过 E3`, `拒绝 E3 截图不对` as (yes, 3, reason); None for everything else."""
    found = _DECIDED.fullmatch(text.strip()[:LONGEST_DECISION])
    if found is None:
        return None
    return found[1].lower() not in ("拒绝", "refuse"), int(found[2]), (found[3] or "").strip()


def may_decide(text: str) -> bool:
    """A cheap look, so that ordinary talk costs nothing."""
    return len(text) <= LONGEST_DECISION and _BEGINS.match(text) is not None
