"""Transport: what one line of a `.chat` script can say, once it has been read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.model import Capability, Kind
from bot.transports.transcript.place import Place, Stamp

# Directives


@dataclass(frozen=True, slots=True)
class Day:
    on: date


@dataclass(frozen=True, slots=True)
class Set:
    """One setting, `section.key`; `group` empty means every group."""

    key: str
    value: object
    group: str = ""


@dataclass(frozen=True, slots=True)
class Declare:
    """A group. `size` counts everybody, 0 means as many as are named."""

    id: str
    topic: str
    owner: str = ""
    admins: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    size: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """A file beside the script that later lines may name."""

    name: str


@dataclass(frozen=True, slots=True)
class Loose:
    """From here on the bot may do more than is expected, except remove somebody."""


@dataclass(frozen=True, slots=True)
class Can:
    """What the far side can do from here on; `group` empty means in every group."""

    give: frozenset[Capability]
    take: frozenset[Capability]
    group: str = ""


Directive = Day | Set | Declare | Named | Loose | Can


# Inputs


@dataclass(frozen=True, slots=True)
class Says:
    who: str
    text: str
    private: bool = False
    to_bot: bool = False
    quoted: str | None = None


@dataclass(frozen=True, slots=True)
class Sends:
    who: str
    kind: Kind
    title: str = ""
    url: str = ""
    file: str = ""
    private: bool = False


@dataclass(frozen=True, slots=True)
class SendsRedPacket:
    who: str


@dataclass(frozen=True, slots=True)
class Joins:
    """`announced` is False when only the member list will show it."""

    who: tuple[str, ...]
    by: str = ""
    announced: bool = True


@dataclass(frozen=True, slots=True)
class Leaves:
    """`by` is who removed them, empty when they left by themselves; `announced` as with Joins."""

    who: tuple[str, ...]
    by: str = ""
    announced: bool = True


@dataclass(frozen=True, slots=True)
class Recalls:
    who: str


@dataclass(frozen=True, slots=True)
class Renames:
    who: str
    name: str


@dataclass(frozen=True, slots=True)
class Retopics:
    who: str
    topic: str


@dataclass(frozen=True, slots=True)
class AsksToBeFriend:
    """Somebody, perhaps of no group, asks the bot's account; `hello` is what they write."""

    who: str
    hello: str = ""


@dataclass(frozen=True, slots=True)
class ShowsRoster:
    """The far side shows the member list of the group."""


@dataclass(frozen=True, slots=True)
class Restarts:
    """The process dies here and starts again on the same database."""


@dataclass(frozen=True, slots=True)
class Gateway:
    up: bool


@dataclass(frozen=True, slots=True)
class Waits:
    """Nothing happens, time passes."""


Input = (
    Says
    | Sends
    | SendsRedPacket
    | Joins
    | Leaves
    | Recalls
    | Renames
    | Retopics
    | AsksToBeFriend
    | ShowsRoster
    | Restarts
    | Gateway
    | Waits
)


class Did(StrEnum):
    """What the bot can be expected to have done; the values are the kinds of `play --json`."""

    SAY = "say"
    IMAGE = "image"
    REMOVE = "remove"
    ANNOUNCE = "announce"
    NOTIFY_ADMINS = "notify_admins"
    INVITE = "invite"
    TOPIC = "topic"
    RECALL = "recall"
    ACCEPT_FRIEND = "accept_friend"


@dataclass(frozen=True, slots=True)
class Expects:
    """One thing the bot must do in that minute.

    text or pattern: what must be said, to the letter or by `re.search`. to: the person of a private chat.
    member: whom it is done to. group: where somebody is invited to; empty means the line's own group.
    """

    did: Did
    text: str | None = None
    pattern: re.Pattern[str] | None = None
    to: str = ""
    member: str = ""
    group: str = ""


Fact = Directive | Input | Expects


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a script. `stamp` is None for directives; `group` is the group it is about.

    source: the line as written; body: the same without its time and group.
    """

    place: Place
    source: str
    fact: Fact
    stamp: Stamp | None = None
    group: str = ""
    body: str = ""
