"""Plugin: brief: a short, warm note every morning and evening, made of blocks that any plugin may offer."""

from __future__ import annotations

from plugins.brief import block, card, edition, prepare, steer
from plugins.brief.blocks import birthday, countdown, day, news, quote, weather
from plugins.brief.plugin import plugin

__all__ = [
    "birthday",
    "block",
    "card",
    "countdown",
    "day",
    "edition",
    "news",
    "plugin",
    "prepare",
    "quote",
    "steer",
    "weather",
]
