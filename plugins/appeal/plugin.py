"""Plugin: appeal: what can be set, and the plugin itself."""

from __future__ import annotations

from datetime import timedelta

from bot.duration import Duration, DurationOrOff
from bot.plugin import Context, Field, Plugin, PluginSettings
from plugins.appeal.tables import TABLES


class Settings(PluginSettings):
    """How long somebody may appeal, and when the admins are reminded."""

    within: Duration = Field(timedelta(days=30), description="案件多久以内可以申诉")
    remind: DurationOrOff = Field(timedelta(days=1), description="管理员多久没有回答就再提醒一次；off 不提醒")


Ctx = Context[Settings]
plugin = Plugin("appeal", Settings, help="被提醒或移出的人可以私聊申诉，管理员一句话就能改过来", tables=TABLES)
