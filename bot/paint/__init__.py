"""Core: pictures with text that any phone can show: a sheet to draw on, with fonts of its own."""

from __future__ import annotations

from bot.paint.font import drawable
from bot.paint.sheet import Sheet, fit, width_of, wrap

__all__ = ["Sheet", "drawable", "fit", "width_of", "wrap"]
