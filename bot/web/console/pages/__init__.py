"""Web: the console's pages, in the order of the navigation, and everything that can be done from them."""

from __future__ import annotations

from bot.web.console.frame import Act, Page
from bot.web.console.pages import overview, users

PAGES: tuple[Page, ...] = (*overview.PAGES, *users.PAGES)
ACTS: tuple[Act, ...] = (*overview.ACTS, *users.ACTS)
