"""Plugin: may this member take part: asked at entry and again at the draw, always with a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from bot.context import Context, Profile
from bot.model import Role
from plugins.lottery.model import Condition, Need
from plugins.lottery.settings import Settings

_HARMLESS = frozenset({"paid", "undone", "withdrawn", "dropped"})
"""How a case may end so that it counts as never having been."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: `gone`, `admin`, or the need that is not met, with what they have in its unit."""

    why: str
    condition: Condition | None = None
    have: int = 0


@dataclass(slots=True)
class Door:
    """The conditions of one lottery, for one event."""

    ctx: Context[Settings]
    conditions: tuple[Condition, ...]
    _roster: dict[str, Profile] = field(default_factory=dict)
    _brought: Counter[str] = field(default_factory=Counter)
    _leaving: set[str] = field(default_factory=set)

    async def read_roster(self) -> None:
        """Read everybody present at once; worth it before asking about many."""
        if not self._roster:
            self._roster = {one.id: one for one in await self.ctx.members.present()}
            # Whoever is on the way out shall not win on the threshold.
            self._leaving = {case.member.id for case in await self.ctx.cases.recent(20) if case.state == "removing"}
            self._brought = Counter(one.inviter_id for one in self._roster.values() if one.inviter_id != one.id)

    async def refusal(self, member_id: str) -> Refusal | None:
        """The first reason why they may not take part, None when they may."""
        profile = self._roster.get(member_id) or await self.ctx.members.get(member_id)
        if profile is None or not profile.present or member_id in self._leaving:
            return Refusal("gone")
        if not self.ctx.settings.admins_may_enter and profile.role >= Role.ADMIN:
            return Refusal("admin")
        for condition in self.conditions:
            have = await self._have(condition, profile)
            missing = have > 0 if condition.need is Need.CLEAN else have < max(condition.amount, 1)
            if missing:
                return Refusal(condition.need, condition, have)
        return None

    async def _have(self, condition: Condition, profile: Profile) -> int:
        ctx = self.ctx
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
                await self.read_roster()
                # The roster knows who is here, the ledger whose reward is final, also in other groups.
                paid = await ctx.ledger.counted(profile.id, "invite:")
                return max(self._brought[profile.id], paid - await ctx.ledger.counted(profile.id, "invite-back:"))
            case Need.POINTS:
                return await ctx.ledger.balance(profile.id)
            case Need.CHECKIN:
                return await ctx.ledger.counted(profile.id, f"checkin:{profile.id}:{ctx.today}")
            case Need.CLEAN:
                since = ctx.now - timedelta(days=condition.days)
                return sum(case.state not in _HARMLESS for case in await ctx.cases.of(profile.id, since))
