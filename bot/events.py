"""Words: what happened; facts that enter the bot, always in the past tense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.model import Kind, Media, Member, Obstacle, Quote, Role, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events.

    id: stable; the same id seen twice is the same event.
    group: the group's stable id, empty for a private chat and for facts about the account itself.
    at: aware UTC time at which it happened.
    """

    id: str
    at: datetime
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(Event):
    """A message in a group, or to the bot alone (`group` empty).

    mentions: ids of the members named with @; `mentions_bot` is kept apart.
    findings: what enrichment saw (QR codes in the picture, …); `enrichment_failed` says why it could not look.
    """

    sender: Member
    text: str = ""
    kind: Kind = Kind.TEXT
    mentions: tuple[str, ...] = ()
    mentions_bot: bool = False
    quote: Quote | None = None
    title: str = ""
    url: str = ""
    media: Media | None = None
    findings: tuple[Signal, ...] = ()
    enrichment_failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedPacketSent(Event):
    """A red packet was sent; the platform does not tell the amount."""

    sender: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecalled(Event):
    message_id: str
    sender: Member | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(Event):
    """Somebody is in the group who was not; `inviter` is None when unknown.

    source: "gateway" when it was announced, "roster" when only a comparison of the member list showed it.
    """

    member: Member
    inviter: Member | None = None
    source: str = "gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(Event):
    """Somebody is no longer in the group; `by` is who removed them, None when they left or nobody knows."""

    member: Member
    by: Member | None = None
    source: str = "gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRenamed(Event):
    member: Member
    old_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRoleChanged(Event):
    member: Member
    old_role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicChanged(Event):
    topic: str
    by: Member | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterSeen(Event):
    """The member list as it is now; the engine compares it with what it knows.

    members: everybody in the group, the bot included. `topic` empty means unknown.
    size: how many are in the group, 0 means as many as are listed.
    """

    members: tuple[Member, ...]
    topic: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerDue(Event):
    """A timer that a plugin set has come due; only that plugin sees it."""

    plugin: str
    name: str
    payload: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDue(Event):
    """A recurring job of a plugin is due; only that plugin sees it.

    due_at: when it was meant to be (aware UTC). `at` is later when the bot was away.
    """

    plugin: str
    name: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    """A guard saw a breach of the rules and the engine gave it a number."""

    case: int
    member: Member
    plugin: str
    verdict: str
    message_id: str = ""
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalSettled(Event):
    """A removal has been carried out and verified (`done`), or is known to have failed."""

    member: Member
    done: bool
    case: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendRequested(Event):
    """Somebody asks to be a friend of the account; `hello` is what they wrote, `request` the platform's id of it."""

    contact: Member
    hello: str = ""
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMessageSeen(Event):
    """The bot's own message came back from the far side: evidence that it was sent."""

    text: str
    to: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayChanged(Event):
    """The gateway came or went; `gap_from` is since when events may have been missed."""

    up: bool
    reason: str = ""
    gap_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InviterLearned(Event):
    """A join that only the member list had shown was announced after all, with who brought them."""

    member: Member
    inviter: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTold(Event):
    """A warning about a case has reached the group (or may have: `certain` is False); until then no grace runs out."""

    case: int
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SendSettled(Event):
    """What has become of a message that carried a tag; only the plugin that sent it sees this.

    outcome: done, unknown (it may have come through), failed, expired, withdrawn, or refused by policy; `error` is the
    reason, for `refused` policy's word (dry, capability, …).
    """

    plugin: str
    tag: str
    outcome: str
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrandDone(Event):
    """An errand (`Fetch`, `Ask`, `Compute`) has come to an end; only the plugin that sent it sees this.

    error: why there is no outcome, in technical words for the log; empty when there is one. obstacle: the same for
    people, of a `Fetch` that failed; a plugin says it in its own words. text: what was fetched (decoded by its
    own declaration: header, XML prolog, meta), answered, or computed. path: the file of a computed picture.
    age: how old a fetched answer is, because the far side fails now; 0 when it is fresh.
    asked: whether a command of somebody who runs the group asked for it: they hear the answer in every mode.
    """

    plugin: str
    name: str
    payload: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    text: str = ""
    path: str = ""
    status: int = 0
    age: timedelta = timedelta(0)
    asked: bool = False
    obstacle: Obstacle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Event):
    """What one plugin has established and others may care about; a plugin makes it known with `Declare`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberIntroduced(Fact):
    """A member has said who they are, for the first time in this group."""

    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskChanged(Fact):
    """Something is to be done on a local day of the group; an empty text: it no longer is."""

    no: int
    on_date: date
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsReturned(Fact):
    """A member has points back that they had paid at `paid_at`: an order or an entry was taken back."""

    member: Member
    points: int
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOverturned(Fact):
    """An admin took a case back. mistaken: what was found was wrong; else its member is only let off."""

    case: int
    member: Member
    by: Member
    mistaken: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberForgotten(Fact):
    """A member asked that what is kept of them be removed; who keeps anything personal deletes it, in this group."""

    member: Member
