"""Plugin: the nouns of inviting: one invitation, how it stands, and when it does not count."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    UNKNOWN = "unknown"
    """nobody is sure yet who brought them; they may still say so"""
    PENDING = "pending"
    """the reward waits until it is clear that they stay"""
    COUNTED = "counted"
    """the reward is on the ledger"""
    VOID = "void"
    """never counted; `reason` says why"""
    DEDUCTED = "deducted"
    """counted, and taken back"""


class Source(StrEnum):
    """How we know the inviter, and how sure that is (percent)."""

    GATEWAY = "gateway"
    ADMIN = "admin"
    CODE = "code"
    """the newcomer gave the inviter's own code word"""
    ROSTER = "roster"
    CLAIM = "claim"
    """the newcomer says so"""
    WITNESS = "witness"
    """only the inviter says so"""
    NONE = "none"

    @property
    def confidence(self) -> int:
        return _CONFIDENCE[self.value]


_CONFIDENCE = {"gateway": 100, "admin": 100, "code": 90, "roster": 80, "claim": 60, "witness": 40, "none": 0}
BOTH_SAY_SO = 95
"""Percent, when the newcomer and the inviter name each other."""


class Reason(StrEnum):
    """Why an invitation does not count."""

    SELF = "self"
    CIRCULAR = "circular"
    REJOIN = "rejoin"
    LEFT = "left"
    SILENT = "silent"
    BRANCH = "branch"
    """an admin voided the whole branch"""


@dataclass(frozen=True, slots=True)
class Invitation:
    """One coming of one person. `due_at`: when the reward becomes final, if they stay and speak enough.

    hold: the batch it waits with (or waited, once that is settled). guess: who may have brought them.
    """

    id: int
    group: str
    invitee: str
    invitee_name: str
    inviter: str
    inviter_name: str
    source: Source
    joined_at: datetime
    due_at: datetime | None
    state: State
    reason: str
    points: int
    left_at: datetime | None = None
    introduced: bool = False
    hold: int | None = None
    channel: str = ""
    guess: str = ""
    guess_name: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """A batch that looks bought, until an admin has decided. `why`: the marks that spoke against it."""

    no: int
    group: str
    inviter: str
    inviter_name: str
    state: str
    score: int
    why: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"H{self.no}"


def why_void(invitee: str, inviter: str, *, seen_before: bool, inviters_of_inviter: Collection[str]) -> Reason | None:
    """Why this invitation can never count, None when it may.

    seen_before: the invitee has been in any group of ours. inviters_of_inviter: who brought the inviter, who brought
    that one, and so on.
    """
    if invitee == inviter:
        return Reason.SELF
    if invitee in inviters_of_inviter:
        return Reason.CIRCULAR
    return Reason.REJOIN if seen_before else None
