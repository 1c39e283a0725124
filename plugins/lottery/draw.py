"""Plugin: who wins: a pure function of the seed and the list, the same for everybody who computes it.

Every ticket's lot is HMAC-SHA256(seed, "L1|code"), of a person's second "L1|code|2" and so on; a person stands where
their lowest lot stands. Lots in ascending order fill the places in order. The order in which people came plays no
part, nobody can win twice, and comparing whole 256-bit lots has no modulo bias. With a public number mixed in, the
key is "seed|number" instead of the seed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import NamedTuple

from plugins.lottery.model import Tier


class Win(NamedTuple):
    """`tier` is an index into the tiers drawn."""

    tier: int
    entrant: str


def new_seed(random: Random) -> str:
    """64 hex digits. Hashed, so that publishing it tells nothing about the generator's state."""
    return hashlib.sha256(b"shequn-lottery|" + random.getrandbits(256).to_bytes(32, "big")).hexdigest()


def commitment(seed: str) -> str:
    """SHA-256 of the seed's 64 characters: published at the start, it binds the seed without telling it."""
    return hashlib.sha256(seed.encode()).hexdigest()


def entrant_code(lottery: str, member_id: str) -> str:
    """Stands for a member in published lists: account ids stay private and cannot be followed across lotteries."""
    return hashlib.sha256(f"{lottery}|{member_id}".encode()).hexdigest()[:16]


def ranking(seed: str, lottery: str, entrants: Iterable[str] | Mapping[str, int], outside: str = "") -> list[str]:
    """Everybody once, in the order in which they are served. A mapping says how many tickets each holds."""
    key, prefix = (f"{seed}|{outside}" if outside else seed).encode(), f"{lottery}|"
    lots = {one: hmac.digest(key, (prefix + one).encode(), "sha256") for one in entrants}
    for one, tickets in entrants.items() if isinstance(entrants, Mapping) else ():
        for number in range(2, tickets + 1):
            lots[one] = min(lots[one], hmac.digest(key, f"{prefix}{one}|{number}".encode(), "sha256"))
    return sorted(lots, key=lambda one: (lots[one], one))


def draw(
    seed: str, lottery: str, entrants: Iterable[str] | Mapping[str, int], tiers: Sequence[Tier], outside: str = ""
) -> list[Win]:
    """The winners, best tier first; fewer than there are places when there are fewer entrants."""
    order = iter(ranking(seed, lottery, entrants, outside))
    places = (index for index, tier in enumerate(tiers) for _ in range(tier.stock))
    return [Win(tier, entrant) for tier, entrant in zip(places, order, strict=False)]


@lru_cache(maxsize=16)
def winning_cards(seed: str, lottery: str, count: int, tiers: tuple[Tier, ...]) -> Mapping[int, int]:
    """Number of each scratch card that wins → its tier: settled by the seed before the first one is opened."""
    return {int(card): tier for tier, card in draw(seed, lottery, [str(no) for no in range(1, count + 1)], tiers)}
