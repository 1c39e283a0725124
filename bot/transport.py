"""Core: what the engine asks of the far side, whatever it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from bot.actions import Action
from bot.events import Event
from bot.model import Capability, Member

Deliver = Callable[[Event], Awaitable[None]]
"""Hand one event to the bot. Returns once it is accepted (not yet committed); waits when the bot is behind."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The far side's answer to an action; `message_id` is empty where there is none."""

    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """How the far side is. `since`-less on purpose: the engine keeps its own times."""

    connected: bool
    logged_in: bool
    detail: str = ""
    code: str = ""
    """What stands in the QR code that logs the account in, while the gateway asks for a scan."""


class Transport(Protocol):
    """The far side: a place with groups, members and messages.

    Ids it hands out are stable strings. It keeps the order of events within a group, and may
    deliver an event twice or late: the engine suppresses repetition by `Event.id`.
    """

    name: str

    @property
    def account(self) -> Member:
        """The bot's own account; its id is empty until logged in."""

    def capabilities(self, group: str = "") -> frozenset[Capability]:
        """What can be done in this group right now (rights depend on the bot's role there)."""

    def health(self) -> Health: ...

    async def run(self, deliver: Deliver) -> None:
        """Deliver events until cancelled. Never returns for a network problem: it reconnects.

        Delivers `GatewayChanged` when the connection comes or goes, `RosterSeen` at every (re)connect
        and every few minutes, and the bot's own messages as `OwnMessageSeen`.
        """

    async def perform(self, action: Action) -> Receipt:
        """Carry out one action, within a deadline of the transport's own.

        Raises Unavailable, Throttled, Refused or Uncertain (bot.errors); returns only when the far
        side said yes. May be called from several tasks.
        """

    async def is_member(self, group: str, member: str) -> bool | None:
        """Whether they are in the group by the far side's own fresh list; None when it cannot tell."""

    async def announcement(self, group: str) -> str | None:
        """The announcement as it stands there; None when it cannot be read."""

    async def close(self) -> None:
        """Let go of everything, without logging the account out. May be called twice."""
