"""Plugin: invitations: who brought whom, a reward once it is clear that they stay, and all of it open to see."""

from plugins.invite import command, handler
from plugins.invite.settings import Settings, plugin

__all__ = ["Settings", "command", "handler", "plugin"]
