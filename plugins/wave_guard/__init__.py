"""Plugin: wave_guard: many newcomers at once are looked at strictly, until it is over."""

from __future__ import annotations

from plugins.wave_guard import command, watch
from plugins.wave_guard.plugin import plugin

__all__ = ["command", "plugin", "watch"]
