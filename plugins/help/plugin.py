"""Plugin: help: its one setting, and the plugin itself."""

from __future__ import annotations

from bot.plugin import Plugin, PluginSettings, template


class Settings(PluginSettings):
    """What an admin may add to the help."""

    footer: str = template("", "群名", description="帮助最后加一句，如“其他问题请找群主”；空：不加", max_length=100)


plugin = Plugin("help", Settings, help="告诉群友能用哪些命令，怎么用")
