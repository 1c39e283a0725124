"""Plugin: the welcome as text: who is greeted, in which words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.context import Context
from bot.model import Member
from bot.text import clean_name, say_many
from plugins.welcome.plugin import PARTS, Settings


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who joined and has not been greeted yet; `back`: was here within the last days."""

    id: str
    at: datetime
    back: bool
    inviter: str

    def written(self) -> str:
        return json.dumps({"at": self.at.isoformat(), "back": self.back, "inviter": self.inviter}, ensure_ascii=False)


def read_waiting(notes: Mapping[str, str]) -> list[Waiting]:
    """Notes by `waiting:<id>` as people, in the order they joined."""
    people = []
    for key, note in notes.items():
        known = json.loads(note)
        at = datetime.fromisoformat(known["at"])
        people.append(Waiting(key.partition(":")[2], at, bool(known["back"]), str(known["inviter"])))
    return sorted(people, key=lambda person: (person.at, person.id))


def whole_text(ctx: Context[Settings], settings: Settings, names: str, inviters: Iterable[str]) -> str:
    """The welcome for newcomers: greeting, the four parts that are not empty, and the invitation to introduce oneself.

    Everybody who joins gets all of it: a newcomer cannot see what was said before.
    """
    link = ctx.text("link", 内容=settings.link) if settings.link else ""
    lines = [settings.greeting, *_parts(ctx, settings), link, settings.introduction]
    return _filled(ctx, "\n".join(line for line in lines if line), names, inviters)


def _parts(ctx: Context[Settings], settings: Settings) -> list[str]:
    return [ctx.text(part, 内容=text) for part in PARTS if (text := getattr(settings, part))]


def rules_text(ctx: Context[Settings], settings: Settings, name: str) -> str:
    """The private copy: the group's own rules where it has written some, else the four parts; empty when neither."""
    try:
        own = ctx.render(ctx.section("rule").rules)
    except KeyError:
        own = ""
    title = ctx.render(ctx.text("private"))
    if own:
        return f"{title}\n{own}"
    parts = [*_parts(ctx, settings), *([settings.link] if settings.link else [])]
    return "\n".join([title, _filled(ctx, "\n".join(parts), name, ())]) if parts else ""


def short_text(ctx: Context[Settings], settings: Settings, names: str) -> str:
    """For people who were here a few days ago."""
    return _filled(ctx, settings.back, names, ())


def say_names(ctx: Context[Settings], members: Sequence[Member], most: int) -> str:
    """`@小陈 @小赵`, past `most` with `等 N 人`."""
    named = " ".join(at_name(ctx, member) for member in members[:most])
    return named if len(members) <= most else ctx.text("and_more", 名单=named, 人数=len(members))


def at_name(ctx: Context[Settings], member: Member) -> str:
    """A name of nothing but invisible characters cannot be shown; its owner is a new friend all the same."""
    name = clean_name(member.name)
    return f"@{name}" if name else ctx.text("friend")


def _filled(ctx: Context[Settings], template: str, names: str, inviters: Iterable[str]) -> str:
    known = list(dict.fromkeys(clean_name(name) for name in inviters if name))
    return ctx.render(template, 昵称=names, 邀请人=say_many(known, 5) or ctx.text("somebody"))
