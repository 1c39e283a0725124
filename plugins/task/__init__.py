"""Plugin: task: things to do on a day, told at their hour and in the morning brief."""

from __future__ import annotations

from plugins.task import command
from plugins.task.plugin import plugin

__all__ = ["command", "plugin"]
