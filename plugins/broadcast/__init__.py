"""Plugin: broadcast: one message to several chosen groups, seen by its author first, with a report at the end."""

from __future__ import annotations

from plugins.broadcast import command, report, tag
from plugins.broadcast.plugin import plugin

__all__ = ["command", "plugin", "report", "tag"]
