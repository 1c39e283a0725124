"""Plugin: points: sign in every day, talk, see what you have and who leads; admins may add, take and correct."""

from plugins.points import account, brief, checkin, earn, panel
from plugins.points.settings import Settings, plugin

__all__ = ["Settings", "account", "brief", "checkin", "earn", "panel", "plugin"]
