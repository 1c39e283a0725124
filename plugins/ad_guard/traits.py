"""Plugin: what a message's hits and shape come to, as the few numbers that the learned score weighs beside words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.fold import Folded
from plugins.ad_guard.heard import Reread
from plugins.ad_guard.rule import Hit
from plugins.ad_guard.trade import swapped

FLOOR = -4.4
OFFER, CONTACT, CALL = 5.2, 2.7, 1.2
OFFER_CONTACT, OFFER_CALL, CONTACT_CALL = 7.0, 5.0, 3.0
HIDDEN, VARIETY = 2.2, 0.7
MILD, EXCUSE = 3.0, 0.9
EXCUSES = frozenset({"report", "negation", "code"})
_MONEY = re.compile(r"[¥$€₤₳₴₰]|\d\s?(?:元|块|万|折|%)")
_DIGIT = re.compile(r"\d")


def chance(hits: Iterable[Hit]) -> float:
    """Noisy or: the strongest hit of each name votes in full, a second of the same name with half."""
    seen: dict[str, int] = {}
    missed = 1.0
    for hit in sorted(hits, key=lambda hit: -hit.weight):
        seen[hit.name] = seen.get(hit.name, 0) + 1
        if seen[hit.name] <= 2:
            missed *= 1.0 - hit.weight / seen[hit.name]
    return 1.0 - missed


def excuse(hits: Iterable[Hit]) -> float:
    """How likely it is that what is said against its sender are not their own words, or none at all."""
    return chance(hit for hit in hits if hit.name in EXCUSES)


def families(hits: Sequence[Hit]) -> dict[str, float]:
    """Chance of each family, and of the products that matter: an offer *with* a way to take it."""
    offer = chance(h for h in hits if h.family == "offer")
    contact = chance(h for h in hits if h.family == "contact")
    call = chance(h for h in hits if h.family == "call")
    mild = chance(h for h in hits if h.family == "mild" and h.name not in EXCUSES)
    excused = excuse(hits)
    kinds = len({h.name for h in hits if h.family == "offer"})
    hidden = min(1.0, 0.6 * sum(h.hidden for h in hits if h.family != "mild"))
    return {
        "offer": offer,
        "contact": contact,
        "call": call,
        "mild": mild,
        "excuse": excused,
        "offer_contact": offer * contact,
        "offer_call": offer * call,
        "contact_call": contact * call,
        "offer_mild": offer * mild,
        "contact_mild": contact * mild,
        "excused": excused * max(offer, contact),
        "variety": min(max(kinds - 1, 0), 4) / 4,
        "hidden": hidden * max(offer, contact),
    }


def rules(found: Mapping[str, float]) -> float:
    """What the families alone come to: a logistic sum, 0 where a reader would say it is rather an ad than not."""
    alone = OFFER * found["offer"] + CONTACT * found["contact"] + CALL * found["call"]
    together = OFFER_CONTACT * found["offer_contact"] + OFFER_CALL * found["offer_call"]
    together += CONTACT_CALL * found["contact_call"]
    variety = VARIETY * max(4 * found["variety"] - 1, 0)
    against = alone + together + variety + HIDDEN * found["hidden"]
    return FLOOR + against * (1 - EXCUSE * found["excuse"]) - MILD * found["mild"] * (1 - found["offer"])


def _evasions(text: Folded) -> dict[str, float]:
    """What hardly anybody does who has nothing to hide: characters in parts, words by their sound, turned round."""
    found: dict[str, float] = {}
    if apart := text.apart:
        found["apart"] = min(apart, 4) / 4
    if isinstance(text, Reread):
        found["reread"] = min(text.changed, 6) / 6
    if turned := swapped(text.tight):
        found["swapped"] = min(turned, 4) / 4
    return found


def traits(hits: Sequence[Hit], text: Folded) -> dict[str, float]:
    """All numbers by name; what is not there is 0. `is_x` tells that a signal of name x was found.

    Length, punctuation and the mere number of digits are left out: they tell where a row is from, not what it is.
    """
    plain = text.plain
    found = _evasions(text)
    if _DIGIT.search(plain):
        found["money"] = min(len(_MONEY.findall(plain[:2000])), 3) / 3
    if hits:
        found |= families(hits)
        found["rules"] = min(max(rules(found), 0.0), 8.0) / 8
        found |= {f"is_{hit.name}": 1.0 for hit in hits if hit.family != "mild"}
    return found
