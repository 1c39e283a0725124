"""Plugin: moderation: the court of the group: warnings, red packets, removals, and the way back."""

from __future__ import annotations

from plugins.moderation import court, file, order, outcome
from plugins.moderation.plugin import plugin

__all__ = ["court", "file", "order", "outcome", "plugin"]
