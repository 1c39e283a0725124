"""Web: 活动: what plugins run in a group: lotteries, the shop, invites, check-ins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.web.console.frame import Page, Visit


async def load(visit: Visit) -> Mapping[str, Any]:
    house = visit.house
    chosen = [visit.group] if visit.group else [info.id for info in house.groups() if house.manages(info.id)][:20]
    topics = {info.id: info.topic or info.id for info in house.groups()}
    shown = [
        {"group": group, "topic": topics[group], "panels": await house.panels("activity", group)} for group in chosen
    ]
    return {"shown": [one for one in shown if one["panels"]]}


PAGES = (Page("activity", "活动", "activity.html", load),)
