"""Web: the console's pages, in the order of the navigation, and everything that can be done from them."""

from __future__ import annotations

from bot.web.console.frame import Act, Page
from bot.web.console.pages import (
    activity,
    archive,
    configuration,
    groups,
    journal,
    numbers,
    overview,
    people,
    review,
    schedule,
    users,
)

PAGES: tuple[Page, ...] = (
    *overview.PAGES,
    *groups.PAGES,
    *review.PAGES,
    *people.PAGES,
    *activity.PAGES,
    *schedule.PAGES,
    *numbers.PAGES,
    *archive.PAGES,
    *configuration.PAGES,
    *journal.PAGES,
    *users.PAGES,
)
ACTS: tuple[Act, ...] = (*groups.ACTS, *schedule.ACTS, *configuration.ACTS, *users.ACTS)
