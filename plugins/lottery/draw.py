"""Plugin: who wins: a pure function of the seed and the list, the same for everybody who computes it.

Everybody's lot is HMAC-SHA256(seed, "L1|code"); lots in ascending order fill the places in order. The order in
which people came plays no part, nobody can win twice, and sorting whole 256-bit lots has no modulo bias.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
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


def ranking(seed: str, lottery: str, entrants: Iterable[str]) -> list[str]:
    """Everybody once, in the order in which they are served."""
    key, prefix = seed.encode(), f"{lottery}|"
    return sorted(set(entrants), key=lambda one: (hmac.digest(key, (prefix + one).encode(), "sha256"), one))


def draw(seed: str, lottery: str, entrants: Iterable[str], tiers: Sequence[Tier]) -> list[Win]:
    """The winners, best tier first; fewer than there are places when there are fewer entrants."""
    order = iter(ranking(seed, lottery, entrants))
    places = (index for index, tier in enumerate(tiers) for _ in range(tier.stock))
    return [Win(tier, entrant) for tier, entrant in zip(places, order, strict=False)]
