"""Transport: the imaginary groups of a script: who is in them, what they are called, what was said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.events import RosterSeen
from bot.model import Member, Role
from bot.transports.transcript.lines import Declare

BOT = Member("bot", "bot", Role.ADMIN)


@dataclass(slots=True)
class Said:
    """One message that lies in a chat. `private` is the person of a private chat, empty in the group."""

    id: str
    sender: str
    text: str
    private: str = ""
    recalled: bool = False


@dataclass(slots=True)
class Group:
    """One group as it is now. `silent` counts those who are in it and never named; `invited` were asked in."""

    id: str
    topic: str
    present: dict[str, Member]
    gone: dict[str, Member] = field(default_factory=dict)
    silent: int = 0
    said: list[Said] = field(default_factory=list)
    announcement: str = ""
    invited: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, declared: Declare, cast: Iterable[str] = ()) -> Group:
        """The group as declared, with `cast`, its further old members."""
        present = {BOT.id: BOT}
        for names, role in (((declared.owner,), Role.OWNER), (declared.admins, Role.ADMIN)):
            present |= {name: Member(name, name, role) for name in names if name and name not in present}
        for name in (*declared.members, *cast):
            present.setdefault(name, Member(name, name))
        return cls(declared.id, declared.topic, present, silent=max(0, declared.size - len(present)))

    @property
    def size(self) -> int:
        return len(self.present) + self.silent

    def find(self, name: str) -> Member | None:
        """Who is in the group under this id, or else calls themselves so."""
        return self.present.get(name) or next((m for m in self.present.values() if m.name == name), None)

    def member(self, name: str) -> Member:
        """Somebody who is, was, or may come to be in the group."""
        return self.find(name) or self.gone.get(name) or Member(name, name)

    def join(self, name: str) -> Member:
        member = self.find(name)
        if member is None:
            old = self.gone.pop(name, None)
            self.invited.discard(name)
            member = Member(name, old.name if old else name)
            self.present[member.id] = member
        return member

    def leave(self, member: Member) -> None:
        self.gone[member.id] = Member(member.id, member.name)
        del self.present[member.id]

    def rename(self, member: Member, name: str) -> Member:
        renamed = Member(member.id, name, member.role)
        self.present[member.id] = renamed
        return renamed

    def mentioned(self, text: str) -> tuple[str, ...]:
        """Ids of those whose name stands after an @ in the text, in order; the longest name that fits wins.

        A name that several have names nobody: nothing in a text says which of them was chosen.
        """
        names = names_of({member.id: member.name for member in self.present.values()})
        starting: dict[str, list[str]] = {}
        for name in sorted(names, key=len, reverse=True):
            starting.setdefault(name[0], []).append(name)
        found: dict[str, None] = {}
        for at in re.finditer("[@＠]", text):
            candidates = starting.get(text[at.end() : at.end() + 1], ())
            fitting = next((name for name in candidates if text.startswith(name, at.end())), None)
            if fitting is not None and names[fitting]:
                found[names[fitting]] = None
        return tuple(found)

    def newest(self, *, containing: str = "", sender: str = "", private: str | None = None) -> Said | None:
        """The newest message not recalled that fits all that is asked; `private` None looks everywhere."""
        return next(
            (
                said
                for said in reversed(self.said)
                if not said.recalled
                and containing in said.text
                and sender in ("", said.sender)
                and private in (None, said.private)
            ),
            None,
        )

    def roster(self, id: str, at: datetime) -> RosterSeen:
        return RosterSeen(
            id=id, at=at, group=self.id, members=tuple(self.present.values()), topic=self.topic, size=self.size
        )


def names_of(people: Mapping[str, str]) -> dict[str, str]:
    """Name → id of people given as id → name, empty where several bear it; an id is a name that nobody else has."""
    borne: dict[str, str] = {}
    for who, name in people.items():
        if name:
            borne[name] = "" if name in borne else who
    return {who: who for who in people if who} | borne


@dataclass(slots=True)
class World:
    """All groups of a script. `gateway` is whether the far side can be reached."""

    groups: dict[str, Group] = field(default_factory=dict)
    gateway: bool = True

    def message(self, id: str) -> Said | None:
        return next((said for group in self.groups.values() for said in group.said if said.id == id), None)

    def keep(self, group: str, said: Said) -> None:
        """Remember what was said; a private message belongs to no group and is kept with the first."""
        home = self.groups.get(group) or next(iter(self.groups.values()), None)
        if home is not None:
            home.said.append(said)
