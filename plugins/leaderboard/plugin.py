"""Plugin: leaderboard: its settings and the plugin itself."""

from __future__ import annotations

from bot.plugin import Field, Plugin, PluginSettings
from plugins.leaderboard.tables import closed, days


class Settings(PluginSettings):
    shown: int = Field(10, ge=3, le=20, description="活跃榜显示前几名")
    per_minute: int = Field(10, ge=1, le=60, description="一个人一分钟最多算几条，多的是刷屏，不算发言")
    shortest: int = Field(2, ge=1, le=20, description="少于几个字的消息不上榜")
    night_until: int = Field(6, ge=0, le=12, description="零点到几点的消息不上榜；0 都算")


plugin = Plugin(
    "leaderboard",
    Settings,
    help="看看谁聊得最多、什么时候最热闹、都在聊什么；可以不上榜",
    tables=(days, closed),
)
