"""Plugin: may this member take part: asked at entry and again at the draw, always with a reason."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from bot.context import Context, Profile
from bot.model import Role
from bot.text import normalise
from plugins.lottery import shelf, store
from plugins.lottery.model import Condition, Lottery, Need
from plugins.lottery.settings import Settings

_HARMLESS = frozenset({"paid", "undone", "withdrawn", "dropped"})
"""How a case may end so that it counts as never having been."""
_QUOTED = re.compile(r'"([^"]*)"')
_PART = re.compile(r"[^\W_]+")
_USUAL_NAME = "名称-地区-职业"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: `gone`, `admin`, `barred`, or the need that is not met, with what they have in its unit.

    wanted: the form of a nickname.
    """

    why: str
    condition: Condition | None = None
    have: int = 0
    wanted: str = ""


@dataclass(slots=True)
class _Room:
    """What is known of one group's people, read when many are asked about."""

    ctx: Context[Settings]
    roster: dict[str, Profile] = field(default_factory=dict)
    leaving: set[str] = field(default_factory=set)
    brought: Counter[str] = field(default_factory=Counter)

    async def read(self) -> None:
        if not self.roster:
            self.roster = {one.id: one for one in await self.ctx.members.present()}
            # Whoever is on the way out shall not win on the threshold.
            self.leaving = {case.member.id for case in await self.ctx.cases.recent(20) if case.state == "removing"}
            self.brought = Counter(one.inviter_id for one in self.roster.values() if one.inviter_id != one.id)


@dataclass(slots=True)
class Door:
    """The conditions of one lottery, for one event."""

    ctx: Context[Settings]
    lottery: Lottery
    _rooms: dict[str, _Room] = field(default_factory=dict)
    _barred: dict[str, str] | None = None
    _lucky: set[str] | None = None

    async def read_rosters(self) -> None:
        """Read everybody present at once; worth it before asking about many."""
        for group in self.lottery.groups:
            await (await self._room(group)).read()

    async def refusal(self, member_id: str, group: str) -> Refusal | None:
        """The first reason why they may not take part from this group, None when they may."""
        room = await self._room(group or self.lottery.group)
        profile = room.roster.get(member_id) or await room.ctx.members.get(member_id)
        if profile is None or not profile.present or member_id in room.leaving:
            return Refusal("gone")
        if not self.lottery.rules.admins and profile.role >= Role.ADMIN:
            return Refusal("admin")
        if self._barred is None:
            self._barred = await shelf.barred_in(self.ctx.db, self.lottery.groups)
        if member_id in self._barred:
            return Refusal("barred")
        for condition in self.lottery.draft.conditions:
            have = await self._have(condition, profile, room)
            counts_against = condition.need in (Need.CLEAN, Need.FRESH)
            if have > 0 if counts_against else have < max(condition.amount, 1):
                wanted = name_form(room.ctx) if condition.need is Need.NICKNAME else ""
                return Refusal(condition.need, condition, have, wanted)
        return None

    async def _room(self, group: str) -> _Room:
        if group not in self._rooms:
            here = self.ctx
            if group != here.group.id:
                here = here.inside(next(one for one in await self.ctx.groups() if one.id == group))
            self._rooms[group] = _Room(here)
        return self._rooms[group]

    async def _have(self, condition: Condition, profile: Profile, room: _Room) -> int:
        ctx = room.ctx
        match condition.need:
            case Need.HOURS:
                # Who was here before the bot gets the benefit of the doubt.
                joined = profile.joined_at
                return condition.amount if joined is None else (ctx.now - joined) // timedelta(hours=1)
            case Need.MESSAGES if condition.days:
                first = ctx.today - timedelta(days=condition.days - 1)
                return await ctx.members.messages_of(profile.id, first, ctx.today)
            case Need.MESSAGES:
                return profile.message_count
            case Need.INVITES:
                await room.read()
                # The roster knows who is here, the ledger whose reward is final, also in other groups.
                paid = await ctx.ledger.counted(profile.id, "invite:")
                return max(room.brought[profile.id], paid - await ctx.ledger.counted(profile.id, "invite-back:"))
            case Need.POINTS:
                return await ctx.ledger.balance(profile.id)
            case Need.CHECKIN:
                return await ctx.ledger.counted(profile.id, f"checkin:{profile.id}:{ctx.today}")
            case Need.CLEAN:
                since = ctx.now - timedelta(days=condition.days)
                return sum(case.state not in _HARMLESS for case in await ctx.cases.of(profile.id, since))
            case Need.FRESH:
                if self._lucky is None:
                    since = ctx.now - timedelta(days=condition.days)
                    self._lucky = await store.winners_since(ctx.db, self.lottery.groups, since)
                return int(profile.id in self._lucky)
            case Need.NICKNAME:
                return int(fits(profile.name, name_form(ctx)))


def name_form(ctx: Context[Settings]) -> str:
    """How group nicknames are to look here, as the group has set it: `名称-地区-职业`."""
    section = ctx.sections.get("nickname")
    return str(getattr(section, "pattern", "")) or _USUAL_NAME


def fits(name: str, form: str) -> bool:
    """Whether a nickname has as many parts as the form, and its quoted words to the letter."""
    plain = normalise(name)
    for word in _QUOTED.findall(form):
        if word not in plain:
            return False
        plain = plain.replace(word, " ", 1)
    return len(_PART.findall(plain)) >= len(_PART.findall(_QUOTED.sub(" ", form)))
