"""Plugin: overflow: when a group is full the next number takes over; one ledger and one blacklist serve them all."""

from __future__ import annotations

from plugins.overflow import command, full, twice
from plugins.overflow.plugin import plugin

__all__ = ["command", "full", "plugin", "twice"]
