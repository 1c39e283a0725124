"""Plugin: the nouns of a lottery: what can be won, who may take part, how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SEATS_PER_LOTTERY = 10_000
"""More places than any group has people; above it a number is a slip of the pen."""


class State(StrEnum):
    OPEN = "open"
    DRAWN = "drawn"
    CANCELLED = "cancelled"


class Need(StrEnum):
    """What a condition asks for; `Condition.amount` is in the unit named here."""

    HOURS = "hours"
    """hours in the group"""
    MESSAGES = "messages"
    """messages written here, ever or within `Condition.days`"""
    INVITES = "invites"
    """members still here whom they brought"""
    POINTS = "points"
    """points they own"""
    CHECKIN = "checkin"
    """signed in today (no amount)"""
    CLEAN = "clean"
    """no case against them in the last `Condition.days` (no amount)"""


@dataclass(frozen=True, slots=True)
class Tier:
    """One kind of prize and how many of it there are."""

    prize: str
    stock: int


@dataclass(frozen=True, slots=True)
class Condition:
    need: Need
    amount: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """What an admin asked for. Without `draw_at` (aware UTC) and `target` it is drawn by hand."""

    tiers: tuple[Tier, ...]
    draw_at: datetime | None = None
    target: int | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def stock(self) -> int:
        return sum(tier.stock for tier in self.tiers)


@dataclass(frozen=True, slots=True)
class Lottery:
    """One lottery as stored. `seed` is secret while it is open; its fingerprint is public from the start."""

    no: int
    group: str
    state: State
    draft: Draft
    seed: str
    created_at: datetime
    created_by: str
    closed_at: datetime | None
    proof: str

    @property
    def name(self) -> str:
        return f"L{self.no}"

    def closed_for_entry(self, now: datetime) -> bool:
        """Whether it is too late to take part, even when the draw itself is a moment late."""
        draw_at = self.draft.draw_at
        return self.state is not State.OPEN or (draw_at is not None and now >= draw_at)


@dataclass(frozen=True, slots=True)
class Entrant:
    """One person who takes part; `seq` counts from 1 in order of arrival."""

    member_id: str
    name: str
    seq: int


@dataclass(frozen=True, slots=True)
class Seat:
    """One place that somebody holds or held. state: won, claimed, void."""

    id: int
    round: int
    tier: int
    member_id: str
    name: str
    state: str
