"""Web: 数据: how the groups grow, who stays, and when people talk."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func, select, type_coerce

from bot.storage.comings import COMINGS, by_day
from bot.storage.tables import activity, member_history, members, messages
from bot.storage.work import Work
from bot.web.console.frame import Page, Visit

SPANS = (7, 30, 90)
QUARTER = 900_000
"""Milliseconds."""
WEEKS, SEVEN_DAYS = 8, timedelta(days=7)


async def load(visit: Visit) -> Mapping[str, Any]:
    days = visit.number("days", 30, 365)
    days = days if days in SPANS else 30
    today = visit.house.now().astimezone(visit.house.zone).date()
    span = [today - timedelta(days=back) for back in reversed(range(days))]
    found = await visit.house.read(lambda work: _ask(work, visit.group, span, visit))
    return {"days": days, "spans": SPANS, **found, "charts": json.dumps(found["series"], ensure_ascii=False)}


async def _ask(work: Work, group: str, span: list[date], visit: Visit) -> dict[str, Any]:
    # Named one by one, so that the indices, which begin with the group, are of use.
    mine = [group] if group else [info.id for info in visit.house.groups()]
    # Group by group first: that is the order of the table, and spares SQLite a sort of it all.
    each = (
        select(activity.c.day, func.sum(activity.c.messages).label("said"), func.count().label("who"))
        .where(activity.c.group.in_(mine), activity.c.day >= span[0].isoformat())
        .group_by(activity.c.group, activity.c.day)
        .subquery()
    )
    talk = select(each.c.day, func.sum(each.c.said), func.sum(each.c.who)).group_by(each.c.day)
    days: list[Any] = list(await work.execute(talk))
    talked = {day: (int(said), int(who)) for day, said, who in days}
    came, went = await _moves(work, mine, span, visit)
    dates = [day.isoformat() for day in span]
    return {
        "series": {
            "days": [int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) for day in span],
            "messages": [talked.get(day, (0, 0))[0] for day in dates],
            "speakers": [talked.get(day, (0, 0))[1] for day in dates],
            "joined": [came[day] for day in dates],
            "left": [went[day] for day in dates],
            "hours": await _hours(work, mine, visit),
        },
        "totals": {
            "messages": sum(count for count, _ in talked.values()),
            "joined": sum(came.values()),
            "left": sum(went.values()),
        },
        "stay": await _stay(work, mine, span, visit),
        "weeks": await _weeks(work, mine, visit),
    }


def _quarter(column: ColumnElement[datetime]) -> ColumnElement[int]:
    """Which quarter of an hour since 1970: every zone's days and hours are made of whole ones."""
    return type_coerce(column, Integer) // QUARTER


def _local(quarter: int, visit: Visit) -> datetime:
    return datetime.fromtimestamp(quarter * 900, visit.house.zone)


async def _moves(work: Work, mine: list[str], span: list[date], visit: Visit) -> tuple[Counter[str], Counter[str]]:
    """How many people came and went, by local day."""
    history = member_history.c
    since = datetime(span[0].year, span[0].month, span[0].day, tzinfo=visit.house.zone)
    steps = select(history.group, history.member, history.what, _quarter(history.at)).where(
        history.group.in_(mine), history.at >= since, COMINGS
    )
    rows: list[Any] = list(await work.execute(steps))
    return by_day(
        ((group, member), _local(quarter, visit).date().isoformat(), what) for group, member, what, quarter in rows
    )


async def _hours(work: Work, mine: list[str], visit: Visit) -> list[int]:
    """Messages of the last week by local hour of the day, without the bot's own."""
    since = visit.house.now() - timedelta(days=7)
    counted = select(_quarter(messages.c.at).label("quarter"), func.count()).where(
        messages.c.group.in_(mine), messages.c.at >= since, messages.c.kind != "own"
    )
    hours = [0] * 24
    rows: list[Any] = list(await work.execute(counted.group_by("quarter")))
    for quarter, count in rows:
        hours[_local(quarter, visit).hour] += int(count)
    return hours


async def _stay(work: Work, mine: list[str], span: list[date], visit: Visit) -> dict[str, Any]:
    """Of those who joined in this span, how many are still here, and how many have spoken."""
    since = datetime(span[0].year, span[0].month, span[0].day, tzinfo=visit.house.zone)
    here = func.sum(case((members.c.left_at.is_(None), 1), else_=0))
    spoke = func.sum(case((members.c.message_count > 0, 1), else_=0))
    counted = select(func.count(), here, spoke).where(members.c.group.in_(mine), members.c.joined_at >= since)
    joined, stayed, spoken = (int(number or 0) for number in (await work.execute(counted)).one())
    share = round(100 * stayed / joined) if joined else None
    return {"joined": joined, "here": stayed, "spoke": spoken, "share": share}


async def _weeks(work: Work, mine: list[str], visit: Visit) -> list[dict[str, Any]]:
    """Newcomers by the week in which they joined: how many there were, and how many stayed a week, two weeks, …

    A share is among those who joined that long ago, None when there are none.
    """
    today = visit.house.now().astimezone(visit.house.zone).date()
    monday = today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))
    since = datetime(monday.year, monday.month, monday.day, tzinfo=visit.house.zone)
    came = select(members.c.joined_at, members.c.left_at).where(members.c.group.in_(mine), members.c.joined_at >= since)
    now, zone = visit.house.now(), visit.house.zone
    counts = [[[0, 0] for _ in range(WEEKS)] for _ in range(WEEKS)]
    rows: list[Any] = list(await work.execute(came))
    for joined, left in rows:
        row = (joined.astimezone(zone).date() - monday).days // 7
        if 0 <= row < WEEKS:
            for week in range(min((now - joined) // SEVEN_DAYS, WEEKS - 1) + 1):
                counts[row][week][0] += 1
                counts[row][week][1] += (left or now) - joined >= week * SEVEN_DAYS
    return [
        {
            "start": (monday + row * SEVEN_DAYS).isoformat(),
            "joined": counts[row][0][0],
            "shares": [round(100 * stayed / so_long) if so_long else None for so_long, stayed in counts[row][1:]],
        }
        for row in range(WEEKS)
    ]


PAGES = (Page("numbers", "数据", "numbers.html", load),)
