"""Plugin: digest: what the group talked about, every line with who said it and when."""

from __future__ import annotations

from plugins.digest import command, window
from plugins.digest.plugin import plugin

__all__ = ["command", "plugin", "window"]
