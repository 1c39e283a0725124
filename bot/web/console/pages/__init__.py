"""Web: the console's pages, in the order of the navigation, and everything that can be done from them."""

from __future__ import annotations

from bot.web.console.frame import Act, Page
from bot.web.console.pages import archive, groups, journal, overview, people, users

PAGES: tuple[Page, ...] = (
    *overview.PAGES,
    *groups.PAGES,
    *people.PAGES,
    *archive.PAGES,
    *journal.PAGES,
    *users.PAGES,
)
ACTS: tuple[Act, ...] = (*overview.ACTS, *groups.ACTS, *users.ACTS)
