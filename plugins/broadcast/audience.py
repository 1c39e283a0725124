"""Plugin: broadcast: which groups somebody may write to, and which of them are left out now, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from bot.context import GroupInfo
from bot.model import Member, Mode, Role
from bot.text import clean_name, clip
from plugins.broadcast import store
from plugins.broadcast.plugin import Ctx

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Audience:
    """groups: those it goes to. left_out: group and the reason, in a few words."""

    groups: list[GroupInfo]
    left_out: list[tuple[GroupInfo, str]]

    @property
    def people(self) -> int:
        return sum(group.size for group in self.groups)


async def run_by(ctx: Ctx, who: Member) -> list[GroupInfo]:
    """The groups that this person runs, by name; nobody writes to other people's groups."""
    groups = [group for group in await ctx.groups() if group.enabled]
    at_console = who.id.startswith("console:") and who.role >= Role.KEEPER
    mine = [one for one in groups if at_console or await ctx.inside(one).members.role_of(who.id) >= Role.ADMIN]
    return sorted(mine, key=lambda group: (group.topic or group.id, group.id))


async def choose(ctx: Ctx, groups: Sequence[GroupInfo], *, named: bool) -> Audience:
    """Of the groups meant, those that it may go to today. A control room must be named."""
    midnight = datetime.combine(ctx.today, time(), ctx.group.zone)
    had = await store.received(ctx.db, midnight)
    fitting: list[GroupInfo] = []
    left_out: list[tuple[GroupInfo, str]] = []
    for group in groups:
        there = ctx.inside(group)
        if not named and group.id in there.section("bot").control:
            continue
        if not there.settings.receive:
            left_out.append((group, ctx.text("not_wanted")))
        elif group.mode is Mode.DRY:
            left_out.append((group, ctx.text("is_dry")))
        elif had.get(group.id, 0) >= there.settings.per_day:
            left_out.append((group, ctx.text("had_enough", 次数=had[group.id])))
        else:
            fitting.append(group)
    return Audience(fitting, left_out)


def title(group: GroupInfo) -> str:
    return clip(clean_name(group.topic) or group.id, 20)


def listed(ctx: Ctx, names: Sequence[str]) -> str:
    some = ctx.text("comma").join(names[:SHOWN])
    return some if len(names) <= SHOWN else ctx.text("and_more", 名单=some, 数目=len(names))
