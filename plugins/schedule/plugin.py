"""Plugin: schedule: its settings and the plugin itself, to which the other files hang their handlers."""

from __future__ import annotations

from datetime import date, timedelta

from bot.duration import Duration
from bot.plugin import Context, Field, Plugin, PluginSettings
from bot.workday import is_workday
from plugins.schedule.tables import entries


class Settings(PluginSettings):
    late: Duration = Field(
        timedelta(hours=2),
        description="机器人离开过：定时消息晚了多久以内还补发（每项最多补一次），再晚就不发，告诉管理员",
    )
    most: int = Field(30, ge=1, le=200, description="一个群最多几项定时")


plugin = Plugin(
    "schedule", Settings, help="定时：到点在群里说一句，每天、每周、工作日、每月最后一天都可以", tables=(entries,)
)

Ctx = Context[Settings]


def works_on(ctx: Ctx, day: date) -> bool:
    """Whether the day is worked, by what the deployer wrote into the brief's calendar first."""
    try:
        brief = ctx.section("brief")
    except KeyError:
        return is_workday(day)
    return is_workday(day, getattr(brief, "holidays", ()), getattr(brief, "workdays", ()))
