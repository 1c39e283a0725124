"""Web: the pages and the machine-readable health of a running bot."""

from bot.web.app import make_web

__all__ = ["make_web"]
