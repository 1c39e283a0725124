"""Words: what to do; decisions that leave the bot, always in the imperative."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.events import Fact
from bot.model import Member, Mode, Signal


class Purpose(StrEnum):
    """Why something is said; shadow mode holds back ENFORCEMENT only, dry mode everything.

    Also the order of delivery: enforcement, then replies, then service, then broadcasts.
    """

    ENFORCEMENT = "enforcement"
    REPLY = "reply"
    SERVICE = "service"
    BROADCAST = "broadcast"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Base of all actions. `group` is empty only for private chats."""

    group: str = ""
    case: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendText(Action):
    """Say something in the group, or to one person (`to`: their id).

    mentions: members named with @; `text` carries their `@name` already where it should stand.
    """

    text: str
    mentions: tuple[Member, ...] = ()
    to: str = ""
    purpose: Purpose = Purpose.SERVICE
    lasts: float | None = None
    """Seconds from when it is said until nobody wants it any more; None: as long as anything."""
    tag: str = ""
    """The plugin's own word for it: what becomes of it is then told as `SendSettled`, and `Withdraw` can stop it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendImage(Action):
    """Send a picture or file, in the group or to one person: the one that lies at `path`, or a text as a file.

    name, text: without a path, a file of this name (no folders) with this text; it is kept with the action.
    """

    path: str = ""
    name: str = ""
    text: str = ""
    to: str = ""
    purpose: Purpose = Purpose.SERVICE
    lasts: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMember(Action):
    """Take a member out of the group. `by` is the admin who ordered it, empty when the bot decided."""

    member: Member
    reason: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyAdmins(Action):
    """Tell those who look after the group; members see nothing of it.

    image: the path of a picture that belongs to it, empty for none.
    """

    text: str
    image: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteMember(Action):
    """Invite somebody into `group`."""

    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptFriend(Action):
    """Say yes to somebody who asked to be a friend; `request` is the platform's id of what they asked."""

    member: Member
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce(Action):
    """Set the group's announcement (everybody is notified by the platform)."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTopic(Action):
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallMessage(Action):
    """Take back one of the bot's own messages. `text` is only for the record."""

    message_id: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase(Action):
    """A guard's finding, for the engine: it gives it a number and tells the plugins (`CaseOpened`).

    verdict: the guard's word for it, such as "ad" or "flood". Never leaves the bot.
    merge: a case of the same plugin and member still open swallows this one.
    mode: how far its consequences may go, however far the group's own mode would let them.
    """

    member: Member
    verdict: str
    signals: tuple[Signal, ...]
    message_id: str = ""
    text: str = ""
    mode: Mode = Mode.ENFORCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Declare(Action):
    """Make a fact known to every plugin that listens for it, in the same transaction. Never leaves the bot.

    It is handled after this event's own actions are settled; what listeners yield is reviewed for itself.
    """

    fact: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Action):
    """Let nothing of this plugin's that carries `tag` go out any more; each ends as `SendSettled`.

    Never leaves the bot.
    """

    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand(Action):
    """Something that takes time and happens beside the event: it ends in `ErrandDone` for the plugin that asked.

    An errand is not kept: one under way when the process dies is forgotten, so whoever must have its outcome sets a
    timer as well. name: the plugin's own word for it. payload: given back with the outcome. asked: set by the engine.
    """

    name: str
    payload: tuple[tuple[str, str], ...] = ()
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch(Errand):
    """Ask a web address; http(s) only, bounded in size, time and redirects, never a private address.

    fresh: an answer at most so old (seconds) may be taken from the cache; when the far side fails, an older one is
    given and its age said. body: of a POST; empty for GET.
    """

    url: str
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    fresh: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Errand):
    """Ask the language model of `[assistant]`, if there is one; without it the errand fails at once, with a reason.

    system: what the model is to do; question: the material, which comes from strangers.
    """

    system: str
    question: str
    json_answer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute(Errand):
    """Run a function that the plugin registered with `Plugin.compute` under this name, in a thread of its own."""

    argument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackUp(Errand):
    """Copy the database beside the daily copies, verified; the outcome's `text` is `name size`, the size in bytes."""
