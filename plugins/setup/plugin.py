"""Plugin: setup: the plugin itself; what it sets belongs to others."""

from __future__ import annotations

from bot.plugin import Context, Plugin, PluginSettings
from plugins.setup.tables import templates


class Settings(PluginSettings):
    """Nothing to set: these commands are the setting."""


plugin = Plugin("setup", Settings, help="几个问题设好一个群；预设、模板、命令改名", tables=(templates,))

Ctx = Context[Settings]
