"""Web: 数据: how the groups grow, who stays, and when people talk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func, select, true, type_coerce

from bot.storage.tables import activity, member_history, members, messages
from bot.storage.work import Work
from bot.web.console.frame import Page, Visit

SPANS = (7, 30, 90)
HOUR = 3_600_000
DAY = 24 * HOUR
JOINED, LEFT = ("joined",), ("left",)


async def load(visit: Visit) -> Mapping[str, Any]:
    days = visit.number("days", 30, 365)
    days = days if days in SPANS else 30
    today = visit.house.now().astimezone(visit.house.zone).date()
    span = [today - timedelta(days=back) for back in reversed(range(days))]
    found = await visit.house.read(lambda work: _ask(work, visit.group, span, visit))
    return {"days": days, "spans": SPANS, **found, "charts": json.dumps(found["series"], ensure_ascii=False)}


async def _ask(work: Work, group: str, span: list[date], visit: Visit) -> dict[str, Any]:
    mine = activity.c.group == group if group else true()
    talk = select(activity.c.day, func.sum(activity.c.messages), func.count()).where(
        mine, activity.c.day >= span[0].isoformat()
    )
    days: list[Any] = list(await work.execute(talk.group_by(activity.c.day)))
    talked = {day: (int(said), int(who)) for day, said, who in days}
    came, went = await _moves(work, group, span, visit, JOINED), await _moves(work, group, span, visit, LEFT)
    dates = [day.isoformat() for day in span]
    return {
        "series": {
            "days": [int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) for day in span],
            "messages": [talked.get(day, (0, 0))[0] for day in dates],
            "speakers": [talked.get(day, (0, 0))[1] for day in dates],
            "joined": [came.get(day, 0) for day in dates],
            "left": [went.get(day, 0) for day in dates],
            "hours": await _hours(work, group, span, visit),
        },
        "totals": {
            "messages": sum(count for count, _ in talked.values()),
            "joined": sum(came.values()),
            "left": sum(went.values()),
        },
        "stay": await _stay(work, group, span, visit),
    }


async def _moves(work: Work, group: str, span: list[date], visit: Visit, what: tuple[str, ...]) -> dict[str, int]:
    """How many came or went, by local day."""
    mine = member_history.c.group == group if group else true()
    since = datetime(span[0].year, span[0].month, span[0].day, tzinfo=visit.house.zone)
    rows = await work.execute(
        select(member_history.c.at).where(mine, member_history.c.at >= since, member_history.c.what.in_(what))
    )
    found: dict[str, int] = {}
    for row in rows:
        day = row.at.astimezone(visit.house.zone).date().isoformat()
        found[day] = found.get(day, 0) + 1
    return found


async def _hours(work: Work, group: str, span: list[date], visit: Visit) -> list[int]:
    """Messages by local hour of the day, over the last week of the span; counted in the file."""
    zone, now = visit.house.zone, visit.house.now()
    offset = zone.utcoffset(now.astimezone(zone).replace(tzinfo=None)) or timedelta(0)
    mine: ColumnElement[bool] = messages.c.group == group if group else true()
    raw = messages.c.at
    since = now - timedelta(days=min(len(span), 7))
    hour = (type_coerce(raw, Integer) + int(offset.total_seconds() * 1000)) % DAY // HOUR
    rows: list[Any] = list(await work.execute(select(hour, func.count()).where(mine, raw >= since).group_by(hour)))
    counts = {int(at): int(count) for at, count in rows}
    return [counts.get(hour_, 0) for hour_ in range(24)]


async def _stay(work: Work, group: str, span: list[date], visit: Visit) -> dict[str, Any]:
    """Of those who joined in this span, how many are still here, and how many have spoken."""
    mine = members.c.group == group if group else true()
    since = datetime(span[0].year, span[0].month, span[0].day, tzinfo=visit.house.zone)
    here = func.sum(case((members.c.left_at.is_(None), 1), else_=0))
    spoke = func.sum(case((members.c.message_count > 0, 1), else_=0))
    counted = select(func.count(), here, spoke).where(mine, members.c.joined_at >= since)
    joined, stayed, spoken = (int(number or 0) for number in (await work.execute(counted)).one())
    share = round(100 * stayed / joined) if joined else None
    return {"joined": joined, "here": stayed, "spoke": spoken, "share": share}


PAGES = (Page("numbers", "数据", "numbers.html", load),)
