"""Plugin: quiet: members who have not spoken for long: listed, told, and only then let go."""

from __future__ import annotations

from plugins.quiet import clear, command, panel, silence
from plugins.quiet.plugin import plugin

__all__ = ["clear", "command", "panel", "plugin", "silence"]
