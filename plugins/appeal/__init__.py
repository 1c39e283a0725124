"""Plugin: appeal: who was warned or removed may ask for a second look, in private; an admin decides with one word."""

from __future__ import annotations

from plugins.appeal import command, decide
from plugins.appeal.plugin import plugin

__all__ = ["command", "decide", "plugin"]
