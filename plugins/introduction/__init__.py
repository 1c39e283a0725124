"""Plugin: introduction: who is who, in their own words, and found again by place, occupation, need and offer."""

from __future__ import annotations

from plugins.introduction import command, listen, meet, mend
from plugins.introduction.plugin import plugin

__all__ = ["command", "listen", "meet", "mend", "plugin"]
