"""Plugin: lotteries that everybody can check: by time, by number, by hand or at once, with prizes in tiers."""

from plugins.lottery import admin, bar, brief, member, panel, prize, template, withdraw
from plugins.lottery.settings import Settings, plugin

__all__ = ["Settings", "admin", "bar", "brief", "member", "panel", "plugin", "prize", "template", "withdraw"]
