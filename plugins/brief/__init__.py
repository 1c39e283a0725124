"""Plugin: brief: a short, warm note every morning and evening, and the tasks of the day."""

from __future__ import annotations

from plugins.brief import edition, task
from plugins.brief.plugin import plugin

__all__ = ["edition", "plugin", "task"]
