"""Plugin: topic: a topic every day, and hours of questions and answers."""

from __future__ import annotations

from plugins.topic import hour, turn
from plugins.topic.plugin import plugin

__all__ = ["hour", "plugin", "turn"]
