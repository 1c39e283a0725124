"""Plugin: stats: what can be set about it, and the plugin itself."""

from __future__ import annotations

from datetime import timedelta

from bot.duration import Duration
from bot.plugin import Context, Field, Plugin, PluginSettings
from plugins.stats.tables import tags


class Settings(PluginSettings):
    lasts: Duration = Field(timedelta(days=7), description="/统计 不写时长时看多久")
    top: int = Field(5, ge=1, le=10, description="最活跃的列几个人")


plugin = Plugin("stats", Settings, help="统计：群的增长和活跃；看一位群友的情况，给他贴标签", tables=(tags,))

Ctx = Context[Settings]
