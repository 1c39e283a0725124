"""Words: the nouns that events and actions speak about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Role(IntEnum):
    """What a member may do, ordered: a higher role may do all a lower one may.

    ADMIN is the group's own administrator or an operator named by the owner; OWNER is the group's
    owner; KEEPER is a person in `[bot] owners`, who owns the bot and may do everything everywhere.
    """

    MEMBER = 0
    HELPER = 10
    MODERATOR = 20
    ADMIN = 30
    OWNER = 40
    KEEPER = 50


class Mode(StrEnum):
    """What becomes of a decision: log it, tell the admins, or act."""

    DRY = "dry"
    SHADOW = "shadow"
    ENFORCE = "enforce"

    def milder(self, other: Mode) -> Mode:
        """Of two modes the one that does less."""
        order = (Mode.DRY, Mode.SHADOW, Mode.ENFORCE)
        return min(self, other, key=order.index)


class Kind(StrEnum):
    """What a message is made of."""

    TEXT = "text"
    IMAGE = "image"
    LINK = "link"
    CARD = "card"
    MINIPROGRAM = "miniprogram"
    FILE = "file"
    RECORD = "record"
    VOICE = "voice"
    VIDEO = "video"
    STICKER = "sticker"
    LOCATION = "location"
    TRANSFER = "transfer"
    NOTE = "note"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Member:
    """One account inside one group, as it was when the event happened.

    name: what the group sees: the group nickname if there is one, else the account's own name.
    """

    id: str
    name: str
    role: Role = Role.MEMBER


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that a message answers; `id` is empty when the gateway gives only the text."""

    text: str
    id: str = ""
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """A file that came with a message; `path` is where the transport put it, empty if not fetched."""

    name: str
    path: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason of a verdict: what was seen, quoted from the original, and how much it weighs (0–1)."""

    name: str
    detail: str
    weight: float


class Capability(StrEnum):
    """What a transport can do in a group; a feature that misses one degrades and says so."""

    REMOVE = "remove"
    RECALL = "recall"
    ANNOUNCE = "announce"
    READ_ANNOUNCEMENT = "read_announcement"
    TOPIC = "topic"
    MENTION = "mention"
    INVITE = "invite"
    IMAGE = "image"
    PRIVATE = "private"
    ROSTER = "roster"
    SEE_RED_PACKET = "see_red_packet"
    SEE_INVITER = "see_inviter"
    ADMIN_CHANNEL = "admin_channel"
    ECHO = "echo"


class Obstacle(StrEnum):
    """Why something was not to be had from the web; HTTP statuses are put together by what to do about them."""

    SLOW = "slow"
    HOST = "host"
    """Nobody knows the host's name."""
    CONNECTION = "connection"
    SECURITY = "security"
    ADDRESS = "address"
    PRIVATE = "private"
    """An address inside somebody's own network."""
    REDIRECTS = "redirects"
    LARGE = "large"
    MISSING = "missing"
    DENIED = "denied"
    BUSY = "busy"
    SERVER = "server"
    STATUS = "status"
    """Any other status that is no answer."""
