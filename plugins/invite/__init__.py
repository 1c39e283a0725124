"""Plugin: invitations: who brought whom, a reward once it is clear that they stay, and all of it open to see."""

from plugins.invite import admin, channel, command, handler, panel
from plugins.invite.settings import Settings, plugin

__all__ = ["Settings", "admin", "channel", "command", "handler", "panel", "plugin"]
