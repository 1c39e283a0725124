"""Web: 概览: is everything well, what happened today, what waits for a decision, what comes next."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import zxingcpp
from sqlalchemy import Select, desc, func, select

from bot.storage.comings import count_comings
from bot.storage.tables import activity, cases, member_history
from bot.storage.work import Work
from bot.web.console.frame import Act, Page, Visit
from bot.web.console.gate import Rank
from bot.web.console.pages.review import WAITING, line

NEXT, DONE, WAIT = 8, 12, 5


async def load(visit: Visit) -> Mapping[str, Any]:
    house = visit.house
    health = house.board.health()
    mine = [visit.group] if visit.group else [info.id for info in house.groups()]
    topics = {info.id: info.topic or info.id for info in house.groups()}
    waiting, count = await house.read(lambda work: _waiting(work, mine))
    return {
        "reasons": list(health.reasons),
        "light": _light(health.numbers),
        # Whoever scans it becomes the bot: for the owner's eyes alone.
        "code": picture_of(house.login_code()) if visit.rank is Rank.OWNER else "",
        "numbers": dict(health.numbers),
        "today": await house.read(lambda work: _today(work, mine, visit)),
        "waiting": [line(row, topics) for row in waiting],
        "waiting_count": count,
        "scheduled": await house.board.scheduled(visit.group, NEXT),
        "actions": await house.board.actions(visit.group, DONE),
    }


def _light(numbers: Mapping[str, float]) -> str:
    if not numbers.get("gateway_connected"):
        return "lost"
    return "on" if numbers.get("gateway_logged_in") else "away"


def picture_of(code: str) -> str:
    """A QR code as the address of a picture; empty for none, or for what is too long for one."""
    if not code:
        return ""
    try:
        drawn = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode)
    except ValueError:
        return ""
    svg = zxingcpp.write_barcode_to_svg(drawn, scale=6)
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


async def _waiting(work: Work, mine: list[str]) -> tuple[list[Any], int]:
    open_ones = (cases.c.group.in_(mine), cases.c.state.in_(WAITING))
    newest = select(cases).where(*open_ones).order_by(desc(cases.c.no)).limit(WAIT)
    count = select(func.count()).select_from(cases).where(*open_ones)
    return list(await work.execute(newest)), int((await work.execute(count)).scalar_one())


async def _today(work: Work, mine: list[str], visit: Visit) -> dict[str, int]:
    """Since midnight where the installation lives."""
    local = visit.house.now().astimezone(visit.house.zone)
    midnight = datetime(local.year, local.month, local.day, tzinfo=visit.house.zone)
    talk = select(func.coalesce(func.sum(activity.c.messages), 0), func.count()).where(
        activity.c.group.in_(mine), activity.c.day == local.date().isoformat()
    )
    said, speakers = tuple((await work.execute(talk)).one())
    moves = count_comings(member_history.c.group.in_(mine), member_history.c.at >= midnight)
    joined, left = tuple((await work.execute(moves)).one())
    settled = select(cases.c.state, func.count()).where(cases.c.group.in_(mine), cases.c.opened_at >= midnight)
    states = await _counts(work, settled.group_by(cases.c.state))
    return {
        "messages": int(said),
        "speakers": int(speakers),
        "joined": int(joined),
        "left": int(left),
        "cases": sum(states.values()),
        "removed": states.get("removed", 0),
    }


async def _counts(work: Work, statement: Select[Any]) -> dict[str, int]:
    rows: list[Any] = list(await work.execute(statement))
    return {what: int(count) for what, count in rows}


PAGES = (Page("", "概览", "overview.html", load),)
ACTS: tuple[Act, ...] = ()
