"""Plugin: moderation: the court of the group: warnings, red packets, removals, and the way back."""

from __future__ import annotations

from plugins.moderation import brake, court, file, naming, order, outcome, panel, withdrawal
from plugins.moderation.plugin import plugin

__all__ = ["brake", "court", "file", "naming", "order", "outcome", "panel", "plugin", "withdrawal"]
