"""Plugin: the nouns of a lottery: what can be won, who may take part, how it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

SEATS_PER_LOTTERY = 10_000
"""More places than any group has people; above it a number is a slip of the pen."""
MEMBERS_NUMBER = "member"
"""As `Rules.outside`: the number is said by one of those who take part, after the list is closed."""


class State(StrEnum):
    """OPEN covers the time between the closing of the list and the draw (`Lottery.sealed_at`)."""

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
    FRESH = "fresh"
    """no prize won here in the last `Condition.days` (no amount)"""
    NICKNAME = "nickname"
    """a group nickname in the form asked for (no amount)"""


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
class Rules:
    """What was said at the start besides prizes, time and conditions; it holds until the end.

    minimum: fewer than so many, and it is extended by `extend` once (None: cancelled at once), then cancelled.
    everyone: the prize of all who win nothing else. cost, more: points for the first and for each further ticket;
    most: tickets one person may have. word: what members say to take part. outside: the public number mixed into the
    seed: its name, or MEMBERS_NUMBER. claim: how long winners have to claim. cards: an instant lottery of so many
    scratch cards. admins: owner and admins may take part.
    """

    minimum: int = 0
    extend: timedelta | None = None
    extended: bool = False
    everyone: str = ""
    cost: int = 0
    more: int = 0
    most: int = 1
    word: str = ""
    outside: str = ""
    claim: timedelta | None = None
    cards: int = 0
    admins: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What an admin asked for. Without `draw_at` (aware UTC) and `target` it is drawn by hand.

    groups: other groups that take part: as the admin named them, `*` for all; ids once it is stored.
    """

    tiers: tuple[Tier, ...]
    draw_at: datetime | None = None
    target: int | None = None
    conditions: tuple[Condition, ...] = ()
    rules: Rules = field(default_factory=Rules)
    groups: tuple[str, ...] = ()

    @property
    def stock(self) -> int:
        return sum(tier.stock for tier in self.tiers)

    def prize(self, tier: int) -> str:
        """The prize of a tier by its index; the one after the last is everyone's."""
        return self.tiers[tier].prize if tier < len(self.tiers) else self.rules.everyone


@dataclass(frozen=True, slots=True)
class Lottery:
    """One lottery as stored. `seed` is secret while it is open; its fingerprint is public from the start.

    sealed_at: when the list was closed and its fingerprint published. announced: the rules as they were told.
    """

    no: int
    group: str
    state: State
    draft: Draft
    seed: str
    created_at: datetime
    created_by: str
    closed_at: datetime | None
    proof: str
    sealed_at: datetime | None = None
    announced: str = ""

    @property
    def name(self) -> str:
        return f"L{self.no}"

    @property
    def groups(self) -> tuple[str, ...]:
        """Where it takes place, the group it was started in first."""
        return (self.group, *self.draft.groups)

    @property
    def rules(self) -> Rules:
        return self.draft.rules

    @property
    def tickets(self) -> bool:
        """Whether a person may hold more than one ticket."""
        return self.rules.most > 1 and not self.rules.cards

    def closed_for_entry(self, now: datetime) -> bool:
        """Whether it is too late to take part, even when the draw itself is a moment late."""
        draw_at = self.draft.draw_at
        return self.state is not State.OPEN or self.sealed_at is not None or (draw_at is not None and now >= draw_at)


@dataclass(frozen=True, slots=True)
class Entrant:
    """One person who takes part; `seq` grows in order of arrival, each number once. weight: tickets they hold.

    at: when they came.
    """

    member_id: str
    name: str
    seq: int
    weight: int = 1
    group: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One scratch card that was opened; `no` counts from 1 in order of opening."""

    no: int
    member_id: str
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class Seat:
    """One place that somebody holds or held. state: won, claimed, void."""

    id: int
    round: int
    tier: int
    member_id: str
    name: str
    state: str
