"""Plugin: lotteries that everybody can check: by time, by number or by hand, with prizes in tiers."""

from plugins.lottery import admin, member
from plugins.lottery.settings import Settings, plugin

__all__ = ["Settings", "admin", "member", "plugin"]
