"""Plugin: faq: questions that come again get the answer that was given before."""

from __future__ import annotations

from plugins.faq import answer, command
from plugins.faq.plugin import plugin

__all__ = ["answer", "command", "plugin"]
