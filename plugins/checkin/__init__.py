"""Plugin: checkin: doing a little every day, together."""

from __future__ import annotations

from plugins.checkin import command, day, entry, panel
from plugins.checkin.plugin import plugin

__all__ = ["command", "day", "entry", "panel", "plugin"]
