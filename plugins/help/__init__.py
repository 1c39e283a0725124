"""Plugin: help: who asks what the bot can do is told, with an example, and never more than they may use."""

from __future__ import annotations

from plugins.help import command, talk
from plugins.help.plugin import Settings, plugin

__all__ = ["Settings", "command", "plugin", "talk"]
