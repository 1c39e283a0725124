"""Plugin: the nouns of the shop: goods and an order of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    HAND = "hand"
    """an admin hands it out"""
    CODE = "code"
    """a coupon code, given at once and privately"""


class State(StrEnum):
    RESERVED = "reserved"
    DONE = "done"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Goods:
    """`stock`: what is left, None without end. `per_person`: 0 as often as one likes."""

    no: int
    group: str
    name: str
    price: int
    stock: int | None
    per_person: int
    opens_at: datetime | None
    kind: Kind
    on: bool


@dataclass(frozen=True, slots=True)
class Order:
    """`code` is what was given, for goods that are codes."""

    no: int
    goods: int
    goods_name: str
    kind: Kind
    group: str
    member: str
    name: str
    price: int
    state: State
    at: datetime
    code: str

    @property
    def label(self) -> str:
        return f"D{self.no}"

    @property
    def key(self) -> str:
        """What its payment stands under in the ledger."""
        return f"shop:{self.no}"
