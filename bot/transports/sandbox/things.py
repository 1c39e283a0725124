"""Transport: what the sandbox's world is made of: groups, seats in them, and what stands in a chat."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.errors import BotError
from bot.model import Member, Role

BOT = "bot"
"""The bot's own id in the sandbox."""

HEADER_LINES = 12
"""How many lines an exported script has before its first line of the world's own: see `World.write`."""

PRIVATE = "p:"
"""A chat named `p:小王` is the one between 小王 and the bot; any other chat is a group."""


class NotPossible(BotError):
    """Somebody in the sandbox wants what cannot be; the message is the one sentence the page shows."""


@dataclass(slots=True)
class Seat:
    """Somebody's place in one group. `person` never changes, `name` is what the group sees."""

    person: str
    name: str
    role: Role = Role.MEMBER

    @property
    def member(self) -> Member:
        return Member(self.person, self.name, self.role)


@dataclass(slots=True)
class Group:
    """A group chat; the bot has a seat like everybody. Without `bot_is_admin` it has no rights over others."""

    id: str
    topic: str
    seats: dict[str, Seat] = field(default_factory=dict)
    announcement: str = ""
    bot_is_admin: bool = True

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(seat.member for seat in self.seats.values())

    def people(self) -> list[Seat]:
        """Everybody but the bot, the highest role first."""
        return sorted((seat for seat in self.seats.values() if seat.person != BOT), key=lambda seat: -seat.role)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Group:
        seats = {key: Seat(seat["person"], seat["name"], Role(seat["role"])) for key, seat in body["seats"].items()}
        return cls(**{**body, "seats": seats})


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One item in a chat, as the page shows it.

    kind: text, packet, image, file, link, card, miniprogram, announcement, admins (only they see it),
    system (WeChat's own grey line) or stage (a word of the sandbox itself).
    mine: for a grey line, how the one who did it reads it. after_pause: the chat was quiet before, so show the time.
    """

    seq: int
    id: str
    chat: str
    at: datetime
    kind: str
    sender: str = ""
    name: str = ""
    role: Role = Role.MEMBER
    text: str = ""
    title: str = ""
    url: str = ""
    media: str = ""
    quote: str = ""
    mine: str = ""
    after_pause: bool = False

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat()}

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Post:
        return cls(**{**body, "at": datetime.fromisoformat(body["at"]), "role": Role(body["role"])})

    def recalled(self) -> Post:
        """What is left of it once it has been taken back."""
        return replace(
            self,
            kind="system",
            text=f"“{self.name}”撤回了一条消息",
            mine="你撤回了一条消息",
            title="",
            url="",
            media="",
            quote="",
            after_pause=self.after_pause,
        )


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """One line of the script that the world writes about itself; `at` None for a directive."""

    text: str
    group: str = ""
    at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        return {"text": self.text, "group": self.group, "at": self.at.isoformat() if self.at else None}

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> ScriptLine:
        at = body["at"]
        return cls(body["text"], body["group"], datetime.fromisoformat(at) if at else None)
