"""Plugin: checkin: its settings and the plugin itself, to which the other files hang their handlers."""

from __future__ import annotations

from datetime import date, time, timedelta

from bot.duration import Duration
from bot.plugin import Context, Field, Plugin, PluginSettings
from bot.text import clean_name
from bot.timeofday import TimeOrOff
from plugins.checkin import store
from plugins.checkin.store import Challenge
from plugins.checkin.tables import cards, challenges, entries


class Settings(PluginSettings):
    notice: TimeOrOff = Field(time(8), description="打卡活动每天几点提醒；off 不提醒")
    list_at: TimeOrOff = Field(time(22), description="每天几点公布谁打了卡、谁还没来；off 不公布")
    merge: Duration = Field(
        timedelta(seconds=15), description="打卡成功的回应隔多久合并成一句", ge=timedelta(0), le=timedelta(hours=1)
    )
    shortest: int = Field(2, ge=0, le=200, description="打卡至少写几个字（配图的不限）；0 光发“打卡”也算")
    card_every: int = Field(7, ge=0, le=366, description="每连续打卡几天得一张补卡券；0 没有补卡券")
    most_cards: int = Field(3, ge=1, le=30, description="一位群友最多存几张补卡券")
    make_up_days: int = Field(7, ge=1, le=60, description="最多补几天以前的")
    regular_days: int = Field(7, ge=1, le=60, description="几天内打过卡的人，没来时晚上会提一句")


plugin = Plugin(
    "checkin", Settings, help="打卡：每天做一点，互相看见；连续打卡有补卡券", tables=(entries, cards, challenges)
)

Ctx = Context[Settings]
TASK = "task:"
HUSHED = "hush:"
"""Notes: what is to be done on a day, and who is not to be named among those who have not come yet."""


async def running(ctx: Ctx, day: date) -> Challenge | None:
    """The challenge under way on that day."""
    found = await store.challenges_of(ctx.db, ctx.group.id)
    return next((one for one in found if one.covers(day) and not one.closed), None)


async def task_days(ctx: Ctx) -> set[date]:
    return {date.fromisoformat(key[len(TASK) :].split(":")[0]) for key in await ctx.notes.all(TASK)}


async def open_days(ctx: Ctx) -> set[date]:
    """Days up to today on which there was something to check in for."""
    first = ctx.today - store.LONGEST
    days = {day for day in await task_days(ctx) if first <= day <= ctx.today}
    for one in await store.challenges_of(ctx.db, ctx.group.id):
        begin, end = max(one.first_on, first), min(one.last_on, ctx.today)
        days |= {begin + timedelta(days=ahead) for ahead in range((end - begin).days + 1)}
    return days


async def is_open(ctx: Ctx, day: date | None = None) -> bool:
    """Whether there is something to check in for on that day (today)."""
    day = day or ctx.today
    return await running(ctx, day) is not None or day in await task_days(ctx)


async def streak_of(ctx: Ctx, member_id: str) -> int:
    mine = await store.days_of(ctx.db, ctx.group.id, member_id, ctx.today - store.LONGEST)
    return store.streak(mine, await open_days(ctx), ctx.today)


async def name_of(ctx: Ctx, member_id: str) -> str:
    profile = await ctx.members.get(member_id)
    return clean_name(profile.name, 12) if profile else "？"
