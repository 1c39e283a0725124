"""Plugin: ad_guard: finds advertisements and opens a case; what follows is decided elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugins.ad_guard.guard import AdGuard, plugin

__all__ = ["plugin"]


def __getattr__(name: str) -> AdGuard:
    """The plugin is put together when it is asked for: `shequn check` judges without a group, a database or settings.

    With them it holds twice as much memory and takes three times as long to begin.
    """
    if name != "plugin":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from plugins.ad_guard import learn, names, opinion, overturned, replay, tally, watch  # noqa: F401  their handlers
    from plugins.ad_guard.guard import plugin

    return plugin
