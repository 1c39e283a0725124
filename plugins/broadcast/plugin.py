"""Plugin: broadcast: what can be set about it, and the plugin itself."""

from __future__ import annotations

from bot.plugin import Context, Field, Plugin, PluginSettings
from plugins.broadcast.tables import rounds, sends, tags


class Settings(PluginSettings):
    receive: bool = Field(True, description="这个群收不收群发；关：谁群发都跳过它")
    per_day: int = Field(3, ge=1, le=50, description="一个群一天最多收几次群发，再多就跳过")
    longest: int = Field(2000, ge=50, le=2000, description="群发最多几个字")
    most: int = Field(200, ge=1, le=1000, description="一次最多发几个群")


plugin = Plugin(
    "broadcast", Settings, help="群发：给选好的几个群发同一条话，先预览，能停，有回执", tables=(tags, rounds, sends)
)

Ctx = Context[Settings]
