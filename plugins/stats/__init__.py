"""Plugin: stats: how the group grows and talks, and one member at a glance."""

from __future__ import annotations

from plugins.stats import numbers, person
from plugins.stats.plugin import plugin

__all__ = ["numbers", "person", "plugin"]
