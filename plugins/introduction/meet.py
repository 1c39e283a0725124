"""Plugin: 认识新朋友: once a week, where the group wants it, its newcomers are introduced to one another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta

from bot.actions import Action, Purpose, SendText
from bot.context import Context
from bot.events import JobDue
from bot.text import clean_name, say_many
from plugins.introduction import store
from plugins.introduction.introduction import Introduction
from plugins.introduction.listen import say
from plugins.introduction.plugin import Settings, plugin
from plugins.introduction.region import first_place

WEEK = timedelta(days=7)
MOST_SHOWN = 10
LATE = timedelta(hours=2)


@plugin.daily(lambda settings: settings.meet, name="meet", late=LATE)
async def meet(event: JobDue, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """Those who came within a week and said who they are; one alone has nobody to meet."""
    if event.due_at.astimezone(ctx.group.zone).isoweekday() != ctx.settings.meet_day:
        return
    came = {profile.id: profile for profile in await ctx.members.joined_between(event.due_at - WEEK, ctx.now)}
    said = [(who, found) for who, found in await store.of(ctx.db, ctx.group.id, list(came)) if found.said]
    if len(said) < 2:
        return
    names = {who: clean_name(came[who].name, 16) for who, _ in said}
    lines = [ctx.text("meet", 人数=len(said))]
    lines += [f"· {names[who]}：{say(ctx, found)}" for who, found in said[:MOST_SHOWN]]
    if len(said) > MOST_SHOWN:
        lines.append(ctx.text("meet_more", 人数=len(said) - MOST_SHOWN))
    lines += [
        ctx.text("meet_place", 地区=place, 名单=say_many([names[who] for who in those], 5))
        for place, those in _neighbours(dict(said)).items()
    ]
    lines.append(ctx.text("meet_end"))
    yield SendText(group=ctx.group.id, text="\n".join(lines), purpose=Purpose.BROADCAST)


def _neighbours(said: Mapping[str, Introduction]) -> Mapping[str, Sequence[str]]:
    """Places that several of them name, with who they are."""
    places: dict[str, list[str]] = defaultdict(list)
    for who, found in said.items():
        if place := first_place(found.region):
            places[place].append(who)
    return {place: those for place, those in places.items() if len(those) > 1}
