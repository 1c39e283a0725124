"""Plugin: digest: its settings and the plugin itself, to which the other files hang their handlers."""

from __future__ import annotations

from datetime import time, timedelta

from bot.duration import Duration
from bot.plugin import Context, Field, Plugin, PluginSettings
from bot.timeofday import TimeOrOff
from plugins.digest.compute import summarise
from plugins.digest.tables import windows, words


class Settings(PluginSettings):
    at: TimeOrOff = Field(time(20, 55), description="每天几点收一次当天的摘要（晚报之前）；off 不收，晚报里也就没有")
    post: bool = Field(False, description="收好就单独发到群里；否则只放进晚报")
    again: Duration = Field(
        timedelta(minutes=30), description="同一位群友隔多久可以再发 /摘要，管理员不受此限", le=timedelta(days=1)
    )
    model: bool = Field(
        False, description="让 [assistant] 的语言模型把摘要写顺（聊天内容会发给它）；每一句都要注明出处，没有出处的丢掉"
    )


plugin = Plugin(
    "digest", Settings, help="摘要：今天聊了什么、定了什么、谁的问题还没人回答，句句有出处", tables=(windows, words)
)
plugin.compute("summarise")(summarise)

Ctx = Context[Settings]
