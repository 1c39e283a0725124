"""Plugin: setup: a group is set up in a few answers, by a preset, or like another one; commands get its own names."""

from __future__ import annotations

from plugins.setup import first_run, naming, preset
from plugins.setup.plugin import plugin

__all__ = ["first_run", "naming", "plugin", "preset"]
