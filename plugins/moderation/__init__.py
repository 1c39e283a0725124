"""Plugin: moderation: the court of the group: warnings, red packets, removals, and the way back."""

from __future__ import annotations

from plugins.moderation import court, file, naming, order, outcome, withdrawal
from plugins.moderation.plugin import plugin

__all__ = ["court", "file", "naming", "order", "outcome", "plugin", "withdrawal"]
