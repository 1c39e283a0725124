"""Plugin: nickname: a group nickname that says who somebody is; asked for kindly, together, seldom."""

from __future__ import annotations

from plugins.nickname import check, command, notice
from plugins.nickname.plugin import plugin

__all__ = ["check", "command", "notice", "plugin"]
