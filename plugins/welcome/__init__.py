"""Plugin: welcome: newcomers are greeted by name, together when they come together."""

from __future__ import annotations

from plugins.welcome import command, greeting
from plugins.welcome.plugin import plugin

__all__ = ["command", "greeting", "plugin"]
