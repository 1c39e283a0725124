"""Plugin: leaderboard: who talks most, when, and about what, as lists and pictures."""

from __future__ import annotations

from plugins.leaderboard import block, cloud, command, heat, picture
from plugins.leaderboard.plugin import plugin

__all__ = ["block", "cloud", "command", "heat", "picture", "plugin"]
