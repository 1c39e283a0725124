"""Engine room: the bot's own messages that came back, as evidence for sends whose answer got lost."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.actions import SendText
from bot.storage.outbox import Row

REMEMBERED = 300
CLOCKS_DIFFER = timedelta(seconds=5)
"""So much earlier than the row, by the far side's clock, may its echo be."""


class Echo(NamedTuple):
    """One own message. place: the group, or the person in a private chat."""

    at: datetime
    place: str
    text: str
    message_id: str


@dataclass(slots=True)
class Echoes:
    """The latest own messages, and which of them are accounted for."""

    _seen: deque[Echo] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _claimed: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def remember(self, at: datetime, place: str, text: str, message_id: str = "") -> None:
        """An own message that came back."""
        self._seen.append(Echo(at, place, plain(text), message_id))

    def claim(self, message_id: str) -> None:
        """This one belongs to a row that is settled; it proves nothing about another of the same words."""
        if message_id:
            self._claimed.append(message_id)

    def of(self, row: Row) -> str | None:
        """The message id of the row's echo (empty if it has none); None without evidence."""
        if not isinstance(row.action, SendText):
            return None
        place, text = row.action.to or row.group, plain(row.action.text)
        for echo in self._seen:
            fits = echo.place == place and echo.text == text and echo.at >= row.created_at - CLOCKS_DIFFER
            if fits and not (echo.message_id and echo.message_id in self._claimed):
                return echo.message_id
        return None


def plain(text: str) -> str:
    """What is left of a text that went through a gateway: neither kinds nor numbers of spaces can be relied on."""
    return " ".join(text.replace("\u2005", " ").split())
