"""Plugin: points: what the daily brief says of signing in."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import desc, func, select

from bot.context import Context
from bot.text import clip
from plugins.points.settings import Settings, plugin
from plugins.points.tables import checkins

SHOWN, WORTH_NAMING = 3, 3


@plugin.block("checkin", "签到")
async def ranks(ctx: Context[Settings], day: date, edition: str) -> str:
    """How many of this group signed in, and who has done so longest without a gap; nothing when nobody did."""
    looked = day - timedelta(days=1) if edition == "morning" else day
    here = (checkins.c.group == ctx.group.id, checkins.c.day == looked.isoformat(), checkins.c.made_up == 0)
    count = int((await ctx.db.execute(select(func.count()).select_from(checkins).where(*here))).scalar_one())
    if not count:
        return ""
    longest = select(checkins.c.member, checkins.c.streak).where(*here, checkins.c.streak >= WORTH_NAMING)
    names = []
    for row in await ctx.db.execute(longest.order_by(desc(checkins.c.streak), checkins.c.at).limit(SHOWN)):
        profile = await ctx.members.get(row.member)
        if profile is not None and profile.present:
            names.append(ctx.text("brief_streak", 昵称=clip(profile.name, 10), 连续=row.streak))
    text = ctx.text(f"brief_{edition}", 人数=count)
    return f"{text}{ctx.text('brief_longest', 名单='、'.join(names))}" if names else text
