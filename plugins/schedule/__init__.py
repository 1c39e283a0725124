"""Plugin: schedule: sentences said by the calendar, made in the chat."""

from __future__ import annotations

from plugins.schedule import command, fire, panel
from plugins.schedule.plugin import plugin

__all__ = ["command", "fire", "panel", "plugin"]
