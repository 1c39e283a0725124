"""Plugin: topic: a topic every day, and hours of questions and answers."""

from __future__ import annotations

from plugins.topic import hear, hour, turn
from plugins.topic.plugin import plugin

__all__ = ["hear", "hour", "plugin", "turn"]
