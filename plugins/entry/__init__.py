"""Plugin: entry: the way into a group: a password, a question, a task, a payment; kept over restarts, and expiring."""

from __future__ import annotations

from plugins.entry import desk, door, friend, panel
from plugins.entry.plugin import plugin

__all__ = ["desk", "door", "friend", "panel", "plugin"]
