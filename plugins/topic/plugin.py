"""Plugin: topic: its settings and the plugin itself, to which the other files hang their handlers."""

from __future__ import annotations

from datetime import time, timedelta

from bot.duration import Duration
from bot.plugin import Context, Field, Plugin, PluginSettings
from bot.timeofday import TimeOrOff
from plugins.topic.tables import hours, items, questions, quoted


class Settings(PluginSettings):
    at: TimeOrOff = Field(None, description="每天几点单独发今日话题；off：只写在早报里")
    rest_days: int = Field(30, ge=1, le=365, description="同一个话题隔多少天才会再轮到")
    most: int = Field(200, ge=1, le=1000, description="一个群最多存多少个话题")
    hour: Duration = Field(
        timedelta(hours=1), description="答疑没说多久时开多久", ge=timedelta(minutes=10), le=timedelta(hours=12)
    )
    recap: TimeOrOff = Field(time(9), description="答疑第二天几点回顾被引用最多的回答；off 不回顾")


plugin = Plugin(
    "topic",
    Settings,
    help="话题和答疑：每天一个话题轮着聊；约个时间集中答疑，第二天回顾好回答",
    tables=(items, hours, questions, quoted),
)

Ctx = Context[Settings]
