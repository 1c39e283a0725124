"""Plugin: newcomer: who has been here for a day without a word is asked in, kindly, once."""

from __future__ import annotations

from plugins.newcomer import follow_up
from plugins.newcomer.plugin import plugin

__all__ = ["follow_up", "plugin"]
