"""Transport: plays one input line in the world and says which events come of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.events import (
    Event,
    FriendRequested,
    MemberJoined,
    MemberLeft,
    MemberRenamed,
    MessageRecalled,
    MessageReceived,
    RedPacketSent,
    TopicChanged,
)
from bot.model import Capability, Kind, Media, Member, Quote
from bot.transports.transcript.lines import (
    AsksToBeFriend,
    Input,
    Joins,
    Leaves,
    Line,
    Recalls,
    Renames,
    Retopics,
    Says,
    Sends,
    SendsRedPacket,
    ShowsRoster,
)
from bot.transports.transcript.script import Script
from bot.transports.transcript.world import BOT, Group, Said, World


class NotThere(Exception):
    """The actor is not in the group any more, so the line cannot happen; the message says who."""


@dataclass(slots=True)
class Scene:
    """The world and how events are made of lines. `can` says what the far side shows of a group."""

    world: World
    folder: Path

    def play(self, line: Line, fact: Input, at: datetime, can: frozenset[Capability]) -> list[Event]:
        """What happens by this line. Raises NotThere, and ScriptError when it answers or recalls nothing.

        The events' ids follow from the line's number (the sandbox counts on it): lots are drawn by them.
        """
        id = f"chat:{line.place.line}"
        group = self.world.groups[line.group]
        match fact:
            case Says():
                return [self._said(line, fact, group, id, at)]
            case Sends():
                return [self._sent(fact, group, id, at)]
            case SendsRedPacket(who):
                sender = _present(group, who)
                seen = Capability.SEE_RED_PACKET in can
                return [RedPacketSent(id=id, at=at, group=group.id, sender=sender)] if seen else []
            case Joins(who, announced=False):
                for name in who:
                    group.join(name)
            case Leaves(who, announced=False):
                _leave(group, who, "", id, at)
            case ShowsRoster():
                return [group.roster(id, at)] if Capability.ROSTER in can else []
            case AsksToBeFriend(who, hello):
                return [FriendRequested(id=id, at=at, contact=_stranger(group, who), hello=hello, request=id)]
            case Joins(who, by):
                inviter = group.member(by) if by and Capability.SEE_INVITER in can else None
                return [
                    MemberJoined(id=f"{id}.{n}", at=at, group=group.id, member=group.join(name), inviter=inviter)
                    for n, name in enumerate(who)
                ]
            case Leaves(who, by):
                return _leave(group, who, by, id, at)
            case Recalls(who):
                return [_recall(line, group, who, id, at)]
            case Renames(who, name):
                member = _present(group, who)
                renamed = group.rename(member, name)
                return [MemberRenamed(id=id, at=at, group=group.id, member=renamed, old_name=member.name)]
            case Retopics(who, topic):
                by_whom = _present(group, who)
                group.topic = topic
                return [TopicChanged(id=id, at=at, group=group.id, topic=topic, by=by_whom)]
        return []

    def _said(self, line: Line, fact: Says, group: Group, id: str, at: datetime) -> MessageReceived:
        sender = _stranger(group, fact.who) if fact.private else _present(group, fact.who)
        private = sender.id if fact.private else ""
        quote = None if fact.quoted is None else self._quote(line, group, fact.quoted, private)
        group.said.append(Said(id, sender.id, fact.text, private))
        mentions = () if fact.private else group.mentioned(fact.text)
        return MessageReceived(
            id=id,
            at=at,
            group="" if fact.private else group.id,
            sender=sender,
            text=fact.text,
            mentions=tuple(member for member in mentions if member != BOT.id),
            mentions_bot=fact.to_bot or BOT.id in mentions,
            quote=quote,
        )

    def _quote(self, line: Line, group: Group, text: str, private: str) -> Quote:
        said = group.newest(containing=text, private=private) or group.newest(containing=text, private="")
        if said is None:
            raise line.place.error(f"前面没有哪条消息包含“{text[:40]}”，无法引用", "no message to quote contains this")
        return Quote(said.text, said.id, said.sender)

    def _sent(self, fact: Sends, group: Group, id: str, at: datetime) -> MessageReceived:
        sender = _stranger(group, fact.who) if fact.private else _present(group, fact.who)
        private = sender.id if fact.private else ""
        media = self._media(fact.file) if fact.kind in {Kind.IMAGE, Kind.FILE, Kind.VOICE, Kind.VIDEO} else None
        title = fact.file if fact.kind is Kind.FILE else fact.title
        group.said.append(Said(id, sender.id, title, private))
        return MessageReceived(
            id=id,
            at=at,
            group="" if fact.private else group.id,
            sender=sender,
            kind=fact.kind,
            title=title,
            url=fact.url,
            media=media,
        )

    def _media(self, name: str) -> Media:
        """A file beside the script; when there is none, the message still names it."""
        path = (self.folder / name).resolve()
        if name and path.is_file():
            return Media(name, str(path), path.stat().st_size)
        return Media(name)


def cast(script: Script) -> dict[str, list[str]]:
    """Who belongs to each group from the start besides those it declares: whoever acts there before joining."""
    found: dict[str, dict[str, bool]] = {group.id: {} for group in script.groups}
    for line in script.lines:
        people = found.get(line.group, {})
        match line.fact:
            case Says(who, private=private) if not private or not script.declared:
                people.setdefault(who, True)
            case Renames(who, name):
                people.setdefault(who, True)
                people.setdefault(name, False)
            case Sends(who, private=private) if not private or not script.declared:
                people.setdefault(who, True)
            case SendsRedPacket(who) | Recalls(who) | Retopics(who):
                people.setdefault(who, True)
            case Joins(who, by) | Leaves(who, by):
                if by:
                    people.setdefault(by, True)
                for name in who:
                    people.setdefault(name, isinstance(line.fact, Leaves))
    return {group: [name for name, old in people.items() if old] for group, people in found.items()}


def _present(group: Group, who: str) -> Member:
    member = group.find(who)
    if member is None:
        raise NotThere(f"{who} 不在群里")
    return member


def _stranger(group: Group, who: str) -> Member:
    member = group.member(who)
    return Member(member.id, member.name)


def _leave(group: Group, who: Iterable[str], by: str, id: str, at: datetime) -> list[Event]:
    leaving = list(dict.fromkeys(_present(group, name) for name in who))
    remover = group.member(by) if by else None
    for member in leaving:
        group.leave(member)
    return [
        MemberLeft(id=f"{id}.{n}", at=at, group=group.id, member=member, by=remover) for n, member in enumerate(leaving)
    ]


def _recall(line: Line, group: Group, who: str, id: str, at: datetime) -> MessageRecalled:
    sender = _present(group, who)
    said = group.newest(sender=sender.id, private="")
    if said is None:
        raise line.place.error(f"{who} 没有可以撤回的消息", "there is no message to recall")
    said.recalled = True
    return MessageRecalled(id=id, at=at, group=group.id, message_id=said.id, sender=sender)
