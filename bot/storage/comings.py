"""Storage: who came and who went, counted by people: whoever comes, goes and comes again is one newcomer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from bot.storage.tables import member_history

JOINED, LEFT = "joined", "left"
COMINGS = member_history.c.what.in_((JOINED, LEFT))


def tell(came: int, went: int) -> tuple[int, int]:
    """One person's comings and goings in a time as (1, 0), (0, 1), or (1, 1) for who is where they were before.

    The difference stays what it was, so that newcomers less leavers is how much a group has grown.
    """
    return int(0 < came >= went), int(0 < went >= came)


def count_comings(*where: ColumnElement[bool]) -> Select[Any]:
    """One row: how many people came and how many went, among the rows of history that meet the conditions."""
    what = member_history.c.what
    came, went = (func.sum(case((what == word, 1), else_=0)).label(word) for word in (JOINED, LEFT))
    each = (
        select(came, went).where(COMINGS, *where).group_by(member_history.c.group, member_history.c.member).subquery()
    )
    joined, left = each.c[JOINED], each.c[LEFT]
    return select(
        func.coalesce(func.sum(case(((joined > 0) & (joined >= left), 1), else_=0)), 0),
        func.coalesce(func.sum(case(((left > 0) & (left >= joined), 1), else_=0)), 0),
    )


def by_day(steps: Iterable[tuple[Hashable, str, str]]) -> tuple[Counter[str], Counter[str]]:
    """People who came and who went by day, of (person, day, what)."""
    times: Mapping[tuple[Hashable, str, str], int] = Counter(steps)
    came, went = Counter[str](), Counter[str]()
    for person, day in {(person, day) for person, day, _ in times}:
        joined, left = tell(times[person, day, JOINED], times[person, day, LEFT])
        came[day] += joined
        went[day] += left
    return came, went
