"""Plugin: report: members point out what disturbs them; several of them together call the admins, quietly."""

from __future__ import annotations

from plugins.report import case, command, listen
from plugins.report.plugin import plugin

__all__ = ["case", "command", "listen", "plugin"]
