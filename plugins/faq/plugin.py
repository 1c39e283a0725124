"""Plugin: faq: its settings and the plugin itself, to which the other files hang their handlers."""

from __future__ import annotations

from datetime import timedelta

from bot.duration import Duration
from bot.plugin import Context, Field, Plugin, PluginSettings
from plugins.faq.tables import entries


class Settings(PluginSettings):
    enabled: bool = Field(True, description="有人问到存过的问题时，要不要自动回答")
    again: Duration = Field(
        timedelta(minutes=10), description="同一个问题隔多久可以再自动答一次", ge=timedelta(0), le=timedelta(days=7)
    )
    most: int = Field(200, ge=1, le=500, description="一个群最多存多少条问答")


plugin = Plugin("faq", Settings, help="问答：常有人问的，存一次答案，以后有人问就自动回答", tables=(entries,))

Ctx = Context[Settings]
