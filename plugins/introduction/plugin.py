"""Plugin: introduction: its settings and the plugin itself."""

from __future__ import annotations

from datetime import timedelta

from bot.duration import Duration
from bot.plugin import Field, Plugin, PluginSettings
from bot.timeofday import TimeOrOff
from plugins.introduction.tables import introductions


class Settings(PluginSettings):
    enabled: bool = Field(True, description="新人不用命令，直接说的自我介绍也认出来记下")
    newcomer: Duration = Field(timedelta(days=7), description="进群多久以内算新人")
    meet: TimeOrOff = Field(None, description="每周“认识新朋友”的时间，如 20:00，把一周里来的新人介绍给大家；off 不发")
    meet_day: int = Field(5, ge=1, le=7, description="“认识新朋友”在周几发：1 是周一，7 是周日")


plugin = Plugin(
    "introduction", Settings, help="认识群友：自我介绍会记下来，按城市、职业能找到人", tables=(introductions,)
)
